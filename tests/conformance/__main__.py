"""Runs all checks, or those whose titles contain one of the given words."""

import argparse
import importlib
import pathlib
import sys
import time
import traceback

MODULES = [
    "differential",
    "otlp",
    "datadog",
    "prometheus",
    "sentry",
    "live",
    "ops_alerts",
    "ops_alerts_vendors",
    "ops_dashboards",
    "ops_dashboards_datadog",
    "together",
    "dropin",
    "crates",
]


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--work", type=pathlib.Path, required=True)
    arguments.add_argument("only", nargs="*")
    given = arguments.parse_args()
    failed = []
    for group in MODULES:
        try:
            module = importlib.import_module(f"tests.conformance.{group}")
        except ModuleNotFoundError as error:
            if error.name != f"tests.conformance.{group}":
                raise
            continue
        for name in [name for name in dir(module) if name.startswith("check_")]:
            title = f"{group}: {name.removeprefix('check_').replace('_', ' ')}"
            if given.only and not any(word in title for word in given.only):
                continue
            begun = time.monotonic()
            try:
                summary = getattr(module, name)(given.work)
            except Exception:
                traceback.print_exc()
                failed.append(title)
                print(f"FAILED  {title}", flush=True)
            else:
                print(f"ok      {title} ({time.monotonic() - begun:.1f} s) {summary or ''}", flush=True)
    print(f"\n{len(failed)} failed" if failed else "\nall conformance checks passed")
    return 1 if failed else 0


sys.exit(main())

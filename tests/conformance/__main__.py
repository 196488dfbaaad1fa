"""Runs the checks; those whose names contain a given word, or all."""

import argparse
import importlib
import pathlib
import sys
import time
import traceback

ROOMS = [
    "differential",
    "otlp",
    "datadog",
    "prometheus",
    "sentry",
    "live",
    "ops_alerts",
    "ops_dashboards",
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
    for room in ROOMS:
        try:
            module = importlib.import_module(f"tests.conformance.{room}")
        except ModuleNotFoundError as error:
            if error.name != f"tests.conformance.{room}":
                raise
            continue
        for name in [name for name in dir(module) if name.startswith("check_")]:
            title = f"{room}: {name.removeprefix('check_').replace('_', ' ')}"
            if given.only and not any(word in title for word in given.only):
                continue
            begun = time.monotonic()
            try:
                told = getattr(module, name)(given.work)
            except Exception:
                traceback.print_exc()
                failed.append(title)
                print(f"FAILED  {title}", flush=True)
            else:
                print(f"ok      {title} ({time.monotonic() - begun:.1f} s) {told or ''}", flush=True)
    print(f"\n{len(failed)} failed" if failed else "\nall conformance checks passed")
    return 1 if failed else 0


sys.exit(main())

"""Dashboards of a normal and a hostile program, validated by Grafana's types, Prometheus' parser and Datadog's models."""

import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.parse

from .dashboard_data import SECOND_DAY, series_of_two_days
from .parts import (
    ROOT,
    answers,
    clean_environment,
    free_port,
    fresh,
    get,
    marketplace_binary,
    same,
    started,
    wait_for,
)

HOSTILE = 'x"}} $instance {{label}} [[instance]] \\ </script>\n# [a](http://b) ${__all}'
KINDS = {
    "row": "Row",
    "timeseries": "TimeSeriesPanel",
    "stat": "StatPanel",
    "bargauge": "BarGaugePanel",
    "table": "TablePanel",
}
VARIABLES = {"datasource", "environment", "instance", "__rate_interval"}
UNITS = {"short", "s", "ms", "bytes", "currencyUSD", "currencyEUR", "percent", "percentunit", "reqps", "cps"}


def tool() -> str:
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "debug" / "cargo-instrumental")


def shop() -> dict:
    return json.loads((ROOT / "cli/tests/data/shop.json").read_text())


def hostile() -> dict:
    """The same program with every free text chosen to break out of its context."""
    manifest = shop()
    manifest["service"]["name"] += HOSTILE
    for place in [*manifest["functions"], *manifest["alerts"]]:
        place["name"] += HOSTILE
    for metric in manifest["metrics"]:
        metric["help"] += HOSTILE
        for label in metric["labels"]:
            label["values"] = [value + HOSTILE for value in label["values"]]
    for alert in manifest["alerts"]:
        alert["summary"] += HOSTILE
        query = alert["condition"]["query"]
        for key in ("part", "whole", "of"):
            for selection in query[key] if isinstance(query.get(key), list) else []:
                for matcher in selection["where"]:
                    if matcher["label"] == "function":
                        matcher["values"] = [value + HOSTILE for value in matcher["values"]]
    return manifest


def dashboards(folder: pathlib.Path, manifest: dict, vendor: str) -> dict:
    """Runs the tool; returns the dashboards by file name."""
    (folder / "manifest.json").write_text(json.dumps(manifest))
    command = [tool(), "--manifest", "manifest.json", "dashboards", "--out", ".", "--only", vendor]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found = {path.stem: json.loads(path.read_text()) for path in sorted((folder / vendor).glob("*.json"))}
    same("listed files", len(done.stdout.splitlines()), len(found))
    return found


def programs(work, name):
    """Both programs, each with a folder for its dashboards."""
    for kind, manifest in [("shop", shop()), ("hostile", hostile())]:
        yield kind, manifest, fresh(work, f"{name}-{kind}")


# Grafana ------------------------------------------------------------------------------------------------------------


def typescript(dashboard: dict) -> str:
    """TypeScript that checks each panel separately: with a union of types, keys of one member would pass in another."""
    frame = {key: value for key, value in dashboard.items() if key != "panels"}
    lines = ['import type * as m from "./grafana_model";', f"export const frame = {json.dumps(frame)} satisfies m.Frame;"]
    for at, panel in enumerate(dashboard["panels"]):
        lines.append(f"export const panel{at} = {json.dumps(panel)} satisfies m.{KINDS[panel['type']]};")
    return "\n".join(lines)


def compiled(work, folder, files: dict) -> dict:
    """Compiles the files; returns tsc's errors by file."""
    here = pathlib.Path(__file__).parent
    shutil.copy(here / "grafana_model.ts", folder)
    (folder / "node_modules").symlink_to(work / "npm" / "node_modules")
    for name, text in files.items():
        (folder / f"{name}.ts").write_text(text)
    options = "--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler".split()
    command = ["node", "node_modules/typescript/bin/tsc", *options, *(f"{name}.ts" for name in files)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    errors = {name: [] for name in files}
    for line in done.stdout.splitlines():
        if found := re.match(r"(\S+)\.ts\(\d+,\d+\): error (.*)", line):
            errors[found[1]].append(found[2])
    if (done.returncode == 0) != (not any(errors.values())):
        raise RuntimeError(f"tsc ended with {done.returncode}: {done.stdout[:2000]}{done.stderr[:2000]}")
    return errors


def rules(dashboard: dict):
    """Yields violations of rules that Grafana's types do not express."""
    if not re.fullmatch(r"[a-z0-9-]{1,40}", dashboard["uid"]):
        yield f"uid {dashboard['uid']}"
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(set(ids)) != len(ids) or not all(0 < id < 2**31 for id in ids):
        yield "ids of panels"
    taken = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        if taken & cells or at["x"] < 0 or at["x"] + at["w"] > 24 or not cells:
            yield f"position of {panel['title']}"
        taken |= cells
        if panel["type"] != "row":
            yield from (f"{panel['title']}: {problem}" for problem in panel_rules(panel))
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(variables(json.dumps(dashboard)))
    if not used <= declared | {"__rate_interval", "__all"}:
        yield f"variables {used - declared}"


def variables(text: str):
    """The names of variables that Grafana would substitute."""
    for found in re.finditer(r"\$(\w+)|\$\{(\w+)[^}]*\}|\[\[(\w+)[^\]]*\]\]", text):
        yield found[1] or found[2] or found[3]


def panel_rules(panel: dict):
    if panel["fieldConfig"]["defaults"]["unit"] not in UNITS:
        yield "unit"
    refs = [target["refId"] for target in panel["targets"]]
    if not refs or len(set(refs)) != len(refs):
        yield "refIds"
    steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
    if steps[0] is not None or None in steps[1:] or steps[1:] != sorted(steps[1:]):
        yield "thresholds"
    for target in panel["targets"]:
        if target["datasource"] != panel["datasource"]:
            yield "data source"
        if target["range"] == target["instant"] or target["range"] != (panel["type"] == "timeseries"):
            yield "range"
        legend = target["legendFormat"]
        if re.sub(r"\{\{[a-z_]+\}\}", "", legend).count("{{"):
            yield f"legend {legend}"
        for text in (legend, panel["title"], panel["description"]):
            if list(variables(text)):
                yield f"text {text}"
        for label in re.findall(r"\{\{([a-z_]+)\}\}", legend):
            if not re.search(rf"by \([^)]*\b{label}\b", target["expr"]):
                yield f"legend's label {label}"
        # `$instance` is the only variable allowed in PromQL strings.
        for text in re.findall(r'"(?:[^"\\]|\\.)*"', target["expr"]):
            if text != '"$instance"' and ("$" in text or list(variables(text))):
                yield f"variable in {text}"


def check_grafana_types(work):
    files, count = {}, 0
    for kind, manifest, folder in programs(work, "grafana"):
        for name, dashboard in dashboards(folder, manifest, "grafana").items():
            same(f"{kind} {name}: rules broken", list(rules(dashboard)), [])
            files[f"{kind}-{name}"] = typescript(dashboard)
            count += len(dashboard["panels"])
    same("tsc's errors", {k: v for k, v in compiled(work, fresh(work, "tsc"), files).items() if v}, {})
    return f"{len(files)} dashboards, {count} panels"


def find(dashboard: dict, kind: str) -> dict:
    return next(panel for panel in dashboard["panels"] if panel["type"] == kind)


# Each breaks one thing.
BROKEN_TYPES = {
    "title": lambda d: d.update(title=5),
    "key": lambda d: d.update(colour="red"),
    "kind": lambda d: find(d, "stat").update(gridPos={"x": "0", "y": 0, "w": 1, "h": 1}),
    "option": lambda d: find(d, "stat")["options"].update(colorMode="loud"),
    "unknown-option": lambda d: find(d, "timeseries")["options"].update(zoom=True),
    "legend": lambda d: find(d, "timeseries")["options"]["legend"].update(placement="left"),
    "custom": lambda d: find(d, "timeseries")["fieldConfig"]["defaults"]["custom"].update(drawStyle="dots"),
    "target": lambda d: find(d, "timeseries")["targets"][0].update(expression="up"),
    "no-expression": lambda d: find(d, "timeseries")["targets"][0].pop("expr"),
    "table": lambda d: find(d, "table")["options"].update(cellHeight="tiny"),
    "link": lambda d: d["links"][0].pop("tags"),
    "variable": lambda d: d["templating"]["list"][0].update(type="guess"),
}
BROKEN_RULES = {
    "overlap": lambda d: d["panels"][2].update(gridPos=d["panels"][1]["gridPos"]),
    "outside": lambda d: find(d, "table")["gridPos"].update(x=1),
    "id": lambda d: d["panels"][2].update(id=d["panels"][1]["id"]),
    "uid": lambda d: d.update(uid="a b"),
    "unit": lambda d: find(d, "stat")["fieldConfig"]["defaults"].update(unit="dollars"),
    "variable": lambda d: find(d, "stat")["targets"][0].update(expr='up{job="$job"}'),
    "label": lambda d: find(d, "stat")["targets"][0].update(legendFormat="{{unknown}}"),
    "title": lambda d: find(d, "stat").update(title="$instance"),
    "steps": lambda d: find(d, "stat")["fieldConfig"]["defaults"]["thresholds"].update(steps=[{"value": 1, "color": "red"}]),
    "instant": lambda d: find(d, "timeseries")["targets"][0].update(instant=True),
    "ref": lambda d: find(d, "timeseries")["targets"].append(find(d, "timeseries")["targets"][0]),
}


def check_grafana_checks_can_fail(work):
    good = dashboards(fresh(work, "grafana-good"), shop(), "grafana")["overview"]
    files = {}
    for name, damage in BROKEN_TYPES.items():
        damage(bad := copy.deepcopy(good))
        files[name] = typescript(bad)
    errors = compiled(work, fresh(work, "tsc-broken"), files)
    same("broken dashboards that tsc accepts", [name for name, found in errors.items() if not found], [])
    for name, damage in BROKEN_RULES.items():
        damage(bad := copy.deepcopy(good))
        if not list(rules(bad)):
            raise AssertionError(f"a broken {name} is not detected")
    return f"{len(BROKEN_TYPES)} type errors and {len(BROKEN_RULES)} rule violations detected"


# Prometheus ---------------------------------------------------------------------------------------------------------


def expression(target: dict) -> str:
    """The expression with Grafana's variables substituted."""
    return target["expr"].replace("$__rate_interval", "5m").replace('"$instance"', '".*"')


def promtool(folder, groups, *command) -> subprocess.CompletedProcess:
    # JSON is YAML.
    (folder / "file.yml").write_text(json.dumps(groups))
    return subprocess.run(["promtool", *command, "file.yml"], cwd=folder, capture_output=True, text=True, timeout=60)


def recorded(expressions) -> dict:
    rules = [{"record": f"panel:{at}", "expr": text} for at, text in enumerate(expressions)]
    return {"groups": [{"name": "panels", "rules": rules}]}


def check_expressions_are_promql(work):
    count = 0
    for kind, manifest, folder in programs(work, "promql"):
        found = dashboards(folder, manifest, "grafana").values()
        panels = [panel for dashboard in found for panel in dashboard["panels"]]
        expressions = [expression(target) for panel in panels for target in panel.get("targets", [])]
        checked = promtool(folder, recorded(expressions), "check", "rules")
        if checked.returncode != 0:
            raise AssertionError(f"{kind}: {checked.stdout}{checked.stderr}"[:3000])
        known = {m["prometheus"] + end for m in manifest["metrics"] for end in ("", "_bucket", "_count", "_sum")}
        for text in expressions:
            bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
            names = re.findall(r"\b([a-zA-Z_:][\w:]*)(?=\{)", bare)
            known |= {"up", "ALERTS", "slo:error_budget_remaining:ratio"}
            assert names and set(names) <= known, f"unknown metric in {text}"
        broken = promtool(folder, recorded([expressions[0] + ")"]), "check", "rules")
        assert broken.returncode != 0, "promtool accepts a broken expression"
        count += len(expressions)
    return f"{count} expressions"


def check_numbers_of_a_day(work):
    """Two days of constant traffic: the values of the panels for the second day."""
    folder = fresh(work, "day")
    panels = [p for d in dashboards(folder, shop(), "grafana").values() for p in d["panels"] if p["type"] == "stat"]
    queries = {panel["title"]: expression(panel["targets"][0]) for panel in panels}
    cases = [
        {"expr": f"round({queries[title]}, 0.001)", "eval_time": "2d", "exp_samples": [{"labels": "{}", "value": value}]}
        for title, value in SECOND_DAY.items()
    ]
    # The alert rules of the same program record the remaining error budgets.
    written = [tool(), "--manifest", "manifest.json", "alerts", "--out", ".", "--only", "prometheus"]
    subprocess.run(written, cwd=folder, check=True, capture_output=True, timeout=30)
    recording = [str(path.relative_to(folder)) for path in (folder / "prometheus").glob("*.yml") if "test" not in path.name]
    tests = [{"interval": "1m", "input_series": series_of_two_days(), "promql_expr_test": cases}]
    test = {"rule_files": recording, "evaluation_interval": "1h", "tests": tests}
    done = promtool(folder, test, "test", "rules")
    if done.returncode != 0:
        raise AssertionError(f"{done.stdout}{done.stderr}"[:3000])
    cases[0]["exp_samples"][0]["value"] += 1
    assert promtool(folder, test, "test", "rules").returncode != 0, "promtool accepts any number"
    return f"{len(cases)} numbers"


def queries_of_marketplace(folder: pathlib.Path) -> dict:
    """The queries of the marketplace's panels that have values in a short run, by the title of the panel."""
    done = subprocess.run([tool(), "--exe", marketplace_binary(), "manifest"], capture_output=True, text=True, timeout=60)
    same("errors of the manifest command", done.stderr, "")
    manifest = json.loads(done.stdout)
    queries = {}
    for name, dashboard in dashboards(folder, manifest, "grafana").items():
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                queries[f"{name}: {panel['title']} {target['legendFormat']}"] = target["expr"]
    # Without recording rules and without data from a week ago, these queries have no value.
    without = ("ALERTS{alertstate", "slo:", " offset 1w")
    return {name: text for name, text in queries.items() if not any(word in text for word in without) or "vector(0)" in text}


def check_panels_have_values(work):
    """Prometheus scrapes the marketplace, and every panel's query has a value."""
    folder = fresh(work, "panels")
    queries = queries_of_marketplace(folder)
    # These events do not occur here.
    words = ("Database unavailable", "Instrumental dropped")
    never = {name for name in queries if any(word in name for word in words)}
    same("panels without values", len(never), len(words))
    page, port = free_port(), free_port()
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\nscrape_configs:\n"
        f"- {{job_name: any, static_configs: [{{targets: ['127.0.0.1:{page}']}}]}}\n"
    )
    server = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    server.append(f"--web.listen-address=127.0.0.1:{port}")
    env = {**clean_environment(), "PROMETHEUS_PORT": str(page), "DD_ENV": "conformance"}
    service = [marketplace_binary(), "--traffic", "--duration", "60"]
    base = f"http://127.0.0.1:{port}/api/v1"

    def labels(name: str) -> list:
        # Grafana's query for `label_values(selector, name)`.
        selector = urllib.parse.quote('target_info{service_name="marketplace",deployment_environment_name=~"conformance"}')
        return json.loads(get(f"{base}/label/{name}/values?match[]={selector}"))["data"]

    def value(text: str) -> list:
        text = text.replace("$__rate_interval", "30s").replace("$instance", "|".join(labels("instance")).replace(".", "\\\\."))
        return json.loads(get(f"{base}/query?query={urllib.parse.quote(text)}"))["data"]["result"]

    ready = answers(f"http://127.0.0.1:{port}/-/ready")
    with started(server, folder / "server", ready=ready), started(service, folder / "service", env=env):
        wait_for(lambda: labels("deployment_environment_name") == ["conformance"], 30, "the program in Prometheus")
        missing = {}

        def all_there() -> bool:
            missing.clear()
            missing.update({name: text for name, text in queries.items() if not value(text)})
            return set(missing) <= never

        try:
            wait_for(all_there, 40, "values of all panels")
        except TimeoutError:
            raise AssertionError(f"panels without values: {json.dumps(missing, indent=1)}") from None
        same("values of an unknown metric", value('unknown_total{instance=~"$instance"}'), [])
    return f"{len(queries) - len(never)} expressions with values"

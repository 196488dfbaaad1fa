"""Dashboards as Grafana's types, Prometheus' parser and Datadog's models take them, of a harmless and a hostile program."""

import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.parse

from .datadog_models import problems
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
    """The same program, whose every free text is meant to break out of where it stands."""
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
    """What the tool writes, by file name."""
    (folder / "manifest.json").write_text(json.dumps(manifest))
    command = [tool(), "--manifest", "manifest.json", "dashboards", "--out", ".", "--only", vendor]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found = {path.stem: json.loads(path.read_text()) for path in sorted((folder / vendor).glob("*.json"))}
    same("files told", len(done.stdout.splitlines()), len(found))
    return found


def programs(work, name):
    """Dashboards of both programs."""
    for kind, manifest in [("shop", shop()), ("hostile", hostile())]:
        yield kind, manifest, fresh(work, f"{name}-{kind}")


# Grafana ------------------------------------------------------------------------------------------------------------


def typescript(dashboard: dict) -> str:
    """Each panel stands for itself: of a union of types, TypeScript lets keys of one pass in another."""
    frame = {key: value for key, value in dashboard.items() if key != "panels"}
    lines = ['import type * as m from "./grafana_model";', f"export const frame = {json.dumps(frame)} satisfies m.Frame;"]
    for at, panel in enumerate(dashboard["panels"]):
        lines.append(f"export const panel{at} = {json.dumps(panel)} satisfies m.{KINDS[panel['type']]};")
    return "\n".join(lines)


def compiled(work, folder, files: dict) -> dict:
    """tsc's errors by file."""
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
    """What Grafana's types leave open."""
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
            yield f"place of {panel['title']}"
        taken |= cells
        if panel["type"] != "row":
            yield from (f"{panel['title']}: {problem}" for problem in panel_rules(panel))
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(variables(json.dumps(dashboard)))
    if not used <= declared | {"__rate_interval", "__all"}:
        yield f"variables {used - declared}"


def variables(text: str):
    """Names that Grafana would put something in for."""
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
        # In strings of PromQL only the variable of the instances stands.
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
    "label": lambda d: find(d, "stat")["targets"][0].update(legendFormat="{{nobody}}"),
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
    same("broken dashboards that tsc takes", [name for name, found in errors.items() if not found], [])
    for name, damage in BROKEN_RULES.items():
        damage(bad := copy.deepcopy(good))
        if not list(rules(bad)):
            raise AssertionError(f"nothing is said of a broken {name}")
    return f"{len(BROKEN_TYPES)} errors of types and {len(BROKEN_RULES)} of rules seen"


# Prometheus ---------------------------------------------------------------------------------------------------------


def expression(target: dict) -> str:
    """As Grafana asks it."""
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
        assert broken.returncode != 0, "promtool takes a broken expression"
        count += len(expressions)
    return f"{count} expressions"


def series(name: str, per_minute: int, labels="") -> dict:
    return {"series": f'{name}{{instance="a"{labels}}}', "values": f"0+{per_minute}x2880"}


def check_numbers_of_a_day(work):
    """Two days of a steady business: what the panels say of the second."""
    folder = fresh(work, "day")
    panels = [p for d in dashboards(folder, shop(), "grafana").values() for p in d["panels"] if p["type"] == "stat"]
    asked = {panel["title"]: expression(panel["targets"][0]) for panel in panels}
    expected = {
        "Payments released": 3 * 1440,
        "Payments failed": 1440,
        "Bids submitted": 0,
        "Payment success rate": 0.75,
        "Payments released: amount, total": 300 * 1440,
        "Payments released: amount, average": 100,
        "Payments processing, average": 2.5,
        "Uptime": 1,
        "Requests per second": 2,
        "Error rate": 0.25,
        # Payments fail, and a quarter of the requests: two alerts fire.
        "Status": 2,
        "PaymentService::release: 99.9 % succeed": 0.5,
        "PaymentService::release: 99 % within 0.25 s": 0.25,
        "DB connections open now": 7,
    }
    request = "http_server_request_duration_seconds"
    function = ',function="PaymentService::release",module="shop::payments"'
    release = function + ',outcome="{}"'
    failure = function + ',error="ledger",class="{}"'
    status = ',http_response_status_code="{}"'
    given = [
        series("payment_released_total", 1, ',trade="plumbing"'),
        series("payment_released_total", 2, ',trade="roofing"'),
        series("payment_failed_total", 1),
        series("payment_released_amount_usd_sum", 300),
        series("payment_released_amount_usd_count", 3),
        series("payments_processing_seconds_sum", 10),
        series("payments_processing_seconds_count", 4),
        series(f"{request}_count", 90, status.format(200)),
        series(f"{request}_count", 30, status.format(503)),
        series("function_duration_seconds_count", 1999, release.format("ok")),
        series("function_duration_seconds_count", 1, release.format("error")),
        series("function_errors_total", 1, failure.format("server")),
        # What the caller got wrong is no failure.
        series("function_errors_total", 7, failure.format("client")),
        series("function_duration_seconds_bucket", 1985, release.format("ok") + ',le="0.25"'),
        series("function_duration_seconds_bucket", 1999, release.format("ok") + ',le="+Inf"'),
        {"series": 'up{instance="a"}', "values": "1x2880"},
        {"series": 'db_connections_open{instance="a"}', "values": "7x2880"},
    ]
    cases = [
        {"expr": f"round({asked[title]}, 0.001)", "eval_time": "2d", "exp_samples": [{"labels": "{}", "value": value}]}
        for title, value in expected.items()
    ]
    # What is left of error budgets is recorded by the rules of the same program's alerts.
    written = [tool(), "--manifest", "manifest.json", "alerts", "--out", ".", "--only", "prometheus"]
    subprocess.run(written, cwd=folder, check=True, capture_output=True, timeout=30)
    recording = [str(path.relative_to(folder)) for path in (folder / "prometheus").glob("*.yml") if "test" not in path.name]
    test = {"rule_files": recording, "evaluation_interval": "1h", "tests": [{"interval": "1m", "input_series": given, "promql_expr_test": cases}]}
    done = promtool(folder, test, "test", "rules")
    if done.returncode != 0:
        raise AssertionError(f"{done.stdout}{done.stderr}"[:3000])
    cases[0]["exp_samples"][0]["value"] += 1
    assert promtool(folder, test, "test", "rules").returncode != 0, "promtool takes any number"
    return f"{len(cases)} numbers"


def check_panels_have_values(work):
    """A real Prometheus scrapes the marketplace: every panel of its pages, asked as Grafana asks."""
    folder = fresh(work, "panels")
    told = subprocess.run([tool(), "--exe", marketplace_binary(), "manifest"], capture_output=True, text=True, timeout=60)
    same("the manifest's complaints", told.stderr, "")
    manifest = json.loads(told.stdout)
    asked = {}
    for name, dashboard in dashboards(folder, manifest, "grafana").items():
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                asked[f"{name}: {panel['title']} {target['legendFormat']}"] = target["expr"]
    # No rule is loaded here, and a week ago there was nothing.
    without = ("ALERTS{alertstate", "slo:", " offset 1w")
    asked = {name: text for name, text in asked.items() if not any(word in text for word in without) or "vector(0)" in text}
    # What does not happen here: the database fails, telemetry is dropped.
    words = ("Database unavailable", "Instrumental dropped")
    never = {name for name in asked if any(word in name for word in words)}
    same("panels of what does not happen", len(never), len(words))
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
        # What Grafana asks for `label_values(selector, name)`.
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
            missing.update({name: text for name, text in asked.items() if not value(text)})
            return set(missing) <= never

        try:
            wait_for(all_there, 40, "values of all panels")
        except TimeoutError:
            raise AssertionError(f"panels without values: {json.dumps(missing, indent=1)}") from None
        same("values of a metric that nobody records", value('nobody_total{instance=~"$instance"}'), [])
    return f"{len(asked) - len(never)} expressions with values"


# Datadog ------------------------------------------------------------------------------------------------------------


def all_widgets(widgets):
    for widget in widgets:
        yield widget
        yield from all_widgets(widget["definition"].get("widgets", []))


def datadog_rules(dashboard: dict):
    """What Datadog's models leave open."""
    levels = [dashboard["widgets"]]
    levels += [w["definition"]["widgets"] for w in dashboard["widgets"] if w["definition"]["type"] == "group"]
    for level in levels:
        taken = set()
        for widget in level:
            at = widget["layout"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["width"]) for y in range(at["y"], at["y"] + at["height"])}
            if taken & cells or at["x"] + at["width"] > 12 or not cells:
                yield f"place of {widget['definition'].get('title')}"
            taken |= cells
    for widget in all_widgets(dashboard["widgets"]):
        definition = widget["definition"]
        for request in definition.get("requests", []):
            names = [query["name"] for query in request["queries"]]
            used = {name for f in request["formulas"] for name in re.findall(r"query\d+", f["formula"])}
            if len(set(names)) != len(names) or used != set(names):
                yield f"names in {definition['title']}"
            scalar = request["response_format"] == "scalar"
            for query in request["queries"]:
                if ("aggregator" in query) != scalar:
                    yield f"aggregator in {definition['title']}"
                if not re.fullmatch(r"[a-z_(]*[a-z0-9.]+:[a-zA-Z][\w.]*\{[^{}\n]+\}( by \{[^{}]+\})?[^{}]*", query["query"]):
                    yield f"query {query['query']}"
        if definition["type"] != "note" and list(variables(definition.get("title", ""))):
            yield f"title {definition['title']}"


def check_datadog_models(work):
    from datadog_api_client.v1.model.dashboard import Dashboard

    count = 0
    for kind, manifest, folder in programs(work, "datadog"):
        names = {metric["datadog"] for metric in manifest["metrics"]} | {"datadog.dogstatsd.client.metrics"}
        for name, dashboard in dashboards(folder, manifest, "datadog").items():
            same(f"{kind} {name}: the models' complaints", problems(dashboard, Dashboard), [])
            same(f"{kind} {name}: rules broken", list(datadog_rules(dashboard)), [])
            text = json.dumps(dashboard)
            asked = set(re.findall(r'"query": "[a-z_(]*[a-z0-9.]+:([\w.]+)\{', text))
            assert asked <= names, asked - names
            count += len(list(all_widgets(dashboard["widgets"])))
    return f"{count} widgets"


def number(dashboard: dict) -> dict:
    widgets = all_widgets(dashboard["widgets"])
    return next(w["definition"] for w in widgets if w["definition"]["type"] == "query_value")


BROKEN_MODELS = {
    "key": lambda d: d.update(colour="red"),
    "layout": lambda d: d.update(layout_type="sideways"),
    "kind": lambda d: number(d).update(type="number"),
    "nested key": lambda d: number(d).update(zoom=1),
    "aggregator": lambda d: number(d)["requests"][0]["queries"][0].update(aggregator="median"),
    "source": lambda d: number(d)["requests"][0]["queries"][0].update(data_source="guess"),
    "no formula": lambda d: number(d)["requests"][0]["formulas"][0].pop("formula"),
    "span": lambda d: number(d)["time"].update(live_span="24h"),
    "number": lambda d: number(d).update(precision="two"),
    "no title": lambda d: d.pop("title"),
    "place": lambda d: d["widgets"][1]["layout"].update(x=-1),
}
BROKEN_QUERIES = {
    "overlap": lambda d: d["widgets"][2]["layout"].update(y=0),
    "name": lambda d: number(d)["requests"][0]["formulas"][0].update(formula="query9"),
    "braces": lambda d: number(d)["requests"][0]["queries"][0].update(query="sum:a{b:{c}}"),
    "title": lambda d: number(d).update(title="$env"),
    "no aggregator": lambda d: number(d)["requests"][0]["queries"][0].pop("aggregator"),
}


def check_datadog_checks_can_fail(work):
    from datadog_api_client.v1.model.dashboard import Dashboard

    good = dashboards(fresh(work, "datadog-good"), shop(), "datadog")["overview"]
    for found, broken in [(lambda d: problems(d, Dashboard), BROKEN_MODELS), (datadog_rules, BROKEN_QUERIES)]:
        for name, damage in broken.items():
            damage(bad := copy.deepcopy(good))
            if not list(found(bad)):
                raise AssertionError(f"nothing is said of a broken {name}")
    return f"{len(BROKEN_MODELS) + len(BROKEN_QUERIES)} errors seen"

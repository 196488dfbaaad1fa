"""Dashboards for Datadog of a normal and a hostile program, validated by Datadog's API models."""

import copy
import json
import re

from .datadog_models import problems
from .ops_dashboards import dashboards, programs, shop, variables
from .parts import fresh, same


def all_widgets(widgets):
    for widget in widgets:
        yield widget
        yield from all_widgets(widget["definition"].get("widgets", []))


def datadog_rules(dashboard: dict):
    """Yields violations of rules that Datadog's models do not express."""
    levels = [dashboard["widgets"]]
    levels += [w["definition"]["widgets"] for w in dashboard["widgets"] if w["definition"]["type"] == "group"]
    for level in levels:
        taken = set()
        for widget in level:
            at = widget["layout"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["width"]) for y in range(at["y"], at["y"] + at["height"])}
            if taken & cells or at["x"] + at["width"] > 12 or not cells:
                yield f"position of {widget['definition'].get('title')}"
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
            same(f"{kind} {name}: problems of the model", problems(dashboard, Dashboard), [])
            same(f"{kind} {name}: rules broken", list(datadog_rules(dashboard)), [])
            text = json.dumps(dashboard)
            queries = set(re.findall(r'"query": "[a-z_(]*[a-z0-9.]+:([\w.]+)\{', text))
            assert queries <= names, queries - names
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
                raise AssertionError(f"a broken {name} is not detected")
    return f"{len(BROKEN_MODELS) + len(BROKEN_QUERIES)} errors detected"

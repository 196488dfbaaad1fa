"""The alert files for Datadog and Sentry, validated by the models of the vendors' own clients."""

import copy
import json
import re
import subprocess

from .ops_alerts import programs, tool
from .parts import fresh, same


def complaints(value, path="$"):
    """Wrong keys and values according to Datadog's models, which accept them and only mark them."""
    from datadog_api_client.model_utils import ModelNormal, ModelSimple

    found = []
    if isinstance(value, ModelNormal):
        if getattr(value, "_unparsed", False):
            found.append(f"{path}: not parsed")
        for key, inner in value._data_store.items():
            if key not in value.openapi_types:
                found.append(f"{path}.{key}: unknown")
            found += complaints(inner, f"{path}.{key}")
    elif isinstance(value, ModelSimple):
        if getattr(value, "_unparsed", False) or value.value not in getattr(value, "allowed_values", [value.value]):
            found.append(f"{path}: {value.value!r} is not an allowed value")
    elif type(value).__name__ == "UnparsedObject":
        found.append(f"{path}: not parsed")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            found += complaints(inner, f"{path}[{n}]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            found += complaints(inner, f"{path}.{key}")
    return found


def monitor(value):
    from datadog_api_client.configuration import Configuration
    from datadog_api_client.model_utils import validate_and_convert_types
    from datadog_api_client.v1.model.monitor import Monitor

    try:
        read = validate_and_convert_types(value, (Monitor,), ["monitor"], True, True, Configuration())
    except Exception as error:  # A wrong type or a missing field.
        return [str(error)]
    return complaints(read)


QUERY = re.compile(
    r"(?:avg|sum|min|max|percentile)\(last_\d+[mh]\):.*(?:sum|count|avg|p[\d.]+):[a-z][\w.]*\{[^{}]+\}.* (?:>|<|<=) -?[\d.]+$"
)


def check_datadog_monitors(work):
    counts = []
    for program, folder in programs(work, "alerts-datadog").items():
        monitors = json.loads((folder / "datadog/monitors.json").read_text())
        for one in monitors:
            same(f"complaints about {one['name']} of {program}", monitor(one), [])
            assert QUERY.match(one["query"]), one["query"]
            limit = float(one["query"].rsplit(" ", 1)[1])
            same(f"threshold of {one['name']}", one["options"]["thresholds"]["critical"], limit)
            same("brackets", one["query"].count("("), one["query"].count(")"))
            if program == "hostile":
                handles = one["message"].rsplit("\n", 1)[1]
                assert re.fullmatch(r"(Source: .*)|(@[\w.-]+)( @[\w.-]+)*", handles), handles
                assert "@" not in one["message"].rsplit("\n", 1)[0] and "{{" not in one["message"]
        counts.append(f"{len(monitors)} of {program}")
    # The check itself must detect these errors.
    good = monitors[0]
    for path, wrong in (
        (("type",), "query alarm"), (("options", "notify_no_dta"), True), (("priority",), "high"),
        (("options", "thresholds", "critcal"), 1.0), (("options", "renotify_statuses"), ["alarm"]), (("name",), 5),
    ):
        bad = copy.deepcopy(good)
        inner = bad
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = wrong
        assert monitor(bad), f"{path} = {wrong!r} was not detected"
    return ", ".join(counts)


def check_sentry_rules(work):
    """Checks the rules against the types of Sentry's client, which are generated from its API description."""
    folder = fresh(work, "alerts-sentry")
    modules = work / "npm" / "node_modules"
    (folder / "node_modules").symlink_to(modules)
    routes = {"sentry": {"project": "shop", "slack": 17, "pagerduty": [18, 19]}}
    (folder / "routes.json").write_text(json.dumps(routes))
    files = {f"{name}": path / "sentry/alerts.json" for name, path in programs(work, "alerts-sentry-files").items()}
    tool("alerts", "-p", "marketplace", "--out", folder, "--routes", folder / "routes.json")
    files["routed"] = folder / "sentry/alerts.json"
    counts = {}

    def verdict(name, rules):
        source = folder / f"{name}.ts"
        source.write_text(
            'import type { DeprecatedCreateAMetricAlertRuleForAnOrganizationData as Metric, '
            'DeprecatedCreateAnIssueAlertRuleForAProjectData as Issue } from "@sentry/api";\n'
            f"export const metric: Metric['body'][] = {json.dumps(rules['metric_alerts'])};\n"
            f"export const issue: Issue['body'][] = {json.dumps(rules['issue_alerts'])};\n"
        )
        command = [modules / ".bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"]
        command += ["--module", "esnext", "--moduleResolution", "bundler", source.name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        return done.stdout + done.stderr

    for name, file in files.items():
        rules = json.loads(file.read_text())
        same(f"complaints about {name}", verdict(name, rules), "")
        counts[name] = len(rules["metric_alerts"]) + len(rules["issue_alerts"])
        for rule in rules["metric_alerts"]:
            same("a critical trigger", [t["label"] for t in rule["triggers"]], ["critical"])
            assert len(rule["name"]) <= 256 and rule["projects"]
            if name == "routed" and rule["name"].startswith("[P1]"):
                same("types of actions", {a["type"] for a in rule["triggers"][0]["actions"]}, {"pagerduty", "slack"})
    rules["metric_alerts"][0]["timeWindow"] = 7
    rules["metric_alerts"][0]["thresholdTyp"] = 1
    bad = verdict("bad", rules)
    assert "timeWindow" in bad or "7" in bad, f"a wrong window was not detected: {bad}"
    return str(counts)

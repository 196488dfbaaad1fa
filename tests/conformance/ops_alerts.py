"""The files of `cargo instrumental alerts`, validated by the systems that read them, and an outage of the marketplace that
pages."""

import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.request

from .parts import ROOT, answers, clean_environment, free_port, fresh, marketplace_binary, same, started, wait_for

SHOP = ROOT / "cli/tests/data/shop.json"
# Every text must be escaped correctly in every output language.
HOSTILE = "a \"b\" 'c' \\ {{ .X }} {{end}} # - : @all `x`\n| [y](z) <i> %s $1 é \u2028 *(.+)? "
SEVERITIES = {"P1": "page", "P2": "chat and mail", "P3": "chat", "P4": "dashboard"}


def tool(*arguments, ok=(0,)):
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    command = [f"{target}/debug/cargo-instrumental", "instrumental", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode in ok, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def hostile_shop(folder):
    """The shop, with hostile content in every text that a programmer or a user can choose."""
    shop = json.loads(SHOP.read_text())
    for alert in shop["alerts"]:
        for key in ("summary", "impact", "owner", "runbook"):
            alert[key] += HOSTILE
        alert["notify"].append("#" + HOSTILE)
        query = alert["condition"]["query"]
        for part in ("part", "whole", "of"):
            selections = query.get(part, [])
            for selection in [selections] if isinstance(selections, dict) else selections:
                for matcher in selection["where"]:
                    if matcher["label"] == "function":
                        matcher["values"] = [HOSTILE, "other" + HOSTILE]
                    if matcher["is"] == "prefix":
                        matcher["values"].append(HOSTILE)
    for function in shop["functions"]:
        function["owner"] += HOSTILE
        function["name"] += HOSTILE
        if function["objective"]:
            # Not the bound of any bucket.
            function["objective"]["latency"] = 0.3
    path = folder / "hostile.json"
    path.write_text(json.dumps(shop))
    return path


def odd_shop(folder):
    """The shop with rare conditions: other comparisons, windows and pasts, and an objective for every function."""
    shop = json.loads(SHOP.read_text())
    changes = {
        "payment_system_down": {"compare": "below", "threshold": 0.99},
        "pool_exhausted": {"compare": "below", "threshold": 0.1},
        "high_latency": {"past": 3600.0, "threshold": 2.0},
        "slow_card_processor": {"past": 300.0, "threshold": 3.0},
        "many_running": {"past": 86400.0, "threshold": 0.5, "compare": "below"},
        "server_errors": {"past": 604800.0, "threshold": 2.0},
        "payment_failures": {"lasting": 120.0, "threshold": 7.0},
        "auth_failures": {"window": 30.0},
    }
    for alert in shop["alerts"]:
        alert["condition"].update(changes.get(alert["name"], {}))
    for function in shop["functions"]:
        function["objective"] = {"success_percent": 90.0, "latency": 0.3, "latency_percent": 50.0}
    path = folder / "odd.json"
    path.write_text(json.dumps(shop))
    return path


def programs(work, name):
    """Writes the files of three programs; returns the folders by name."""
    folder = fresh(work, name)
    manifests = {
        "shop": ["--manifest", SHOP],
        "hostile": ["--manifest", hostile_shop(folder), "--job", HOSTILE],
        "marketplace": ["-p", "marketplace", "--job", "marketplace"],
    }
    for program, arguments in manifests.items():
        tool("alerts", *arguments, "--out", folder / program)
    return {program: folder / program for program in manifests}


def promtool(*arguments, cwd):
    return subprocess.run(["promtool", *arguments], cwd=cwd, capture_output=True, text=True, timeout=600)


def rules_and_tests(folder):
    """The rule files and the test files. `rule_files: prometheus/*.yml` must not match the tests."""
    names = lambda pattern: sorted(str(path.relative_to(folder)) for path in folder.glob(pattern))
    return names("*.yml"), names("tests/*.yml")


def check_rules_pass_their_own_tests(work):
    summary, folders = [], programs(work, "alerts-rules")
    root = folders["shop"].parent
    empty = json.loads(SHOP.read_text())
    empty["alerts"], empty["functions"] = [], []
    (root / "empty.json").write_text(json.dumps(empty))
    for program, manifest in (("odd", odd_shop(root)), ("empty", root / "empty.json")):
        folders[program] = root / program
        tool("alerts", "--manifest", manifest, "--out", folders[program])
    for program, folder in folders.items():
        folder = folder / "prometheus"
        rules, tests = rules_and_tests(folder)
        checked = promtool("check", "rules", *rules, cwd=folder)
        same(f"promtool's result for the rules of {program}", (checked.returncode, checked.stderr), (0, ""))
        tested = promtool("test", "rules", *tests, cwd=folder)
        assert tested.returncode == 0, f"{program}: {tested.stdout}{tested.stderr}"
        count = lambda names, what: sum((folder / name).read_text().count(what) for name in names)
        summary.append(f"{program}: {count(rules, '- alert:')} alerts, {count(tests, 'alertname:')} tests")
    return "; ".join(summary)


def check_tests_of_rules_can_fail(work):
    """Breaks every rule in several ways; its tests must fail each time."""
    folder = programs(work, "alerts-broken")["shop"] / "prometheus"
    whole = (folder / "alerts.yml").read_text()
    names = set(re.findall(r"- alert: (\w+)", whole))
    always = re.sub(r'expr: "(.*)"', 'expr: "vector(1) > 0"', whole)
    never = re.sub(r'expr: "(.*)"', 'expr: "vector(1) > 1"', whole)
    # A threshold that is off by a factor of ten.
    def farther(match):
        head, operator, number = match.groups()
        number = float(number)
        number = number * 10 if operator == ">" else number / 10
        return f'expr: "{head}{operator} {number or 10}'
    shifted = re.sub(r'expr: "(.*)([<>]) ([\d.]+)', farther, whole)
    assert shifted != whole
    absolute = {n for n, expression in re.findall(r'- alert: (\w+)\n\s+expr: (".*")', whole) if "== 0" not in expression}
    for text, expected in ((always, names), (never, names), (shifted, absolute)):
        (folder / "alerts.yml").write_text(text)
        tests = [name for name in rules_and_tests(folder)[1] if name.startswith("tests/alerts")]
        tested = promtool("test", "rules", *tests, cwd=folder)
        assert tested.returncode != 0, "broken rules passed"
        failed = set(re.findall(r"alertname: (\w+)", tested.stdout + tested.stderr))
        same("alerts whose tests failed", failed, expected)
    rules = (folder / "slo.yml").read_text()
    for condition in ("vector(1) > 0", "vector(1) > 1"):
        text = re.sub(r'(- alert: \w+\n\s+expr: )".*"', rf'\1"{condition}"', rules)
        (folder / "slo.yml").write_text(text)
        tested = promtool("test", "rules", "tests/slo_test.yml", cwd=folder)
        failed = set(re.findall(r"alertname: (\w+)", tested.stdout + tested.stderr))
        same("objectives whose tests failed", failed, set(re.findall(r"- alert: (\w+)", rules)))
    return f"{len(names)} alerts broken three ways"


def amtool(*arguments):
    done = subprocess.run(["amtool", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_routes_by_severity(work):
    for program, folder in programs(work, "alerts-routes").items():
        file = folder / "alertmanager/alertmanager.yml"
        amtool("check-config", file)
        text = file.read_text()
        assert not re.search(r"(api_url|routing_key|password): ", text), "the file contains a secret"
        for severity, receiver in SEVERITIES.items():
            routed = amtool("config", "routes", "test", f"--config.file={file}", f"severity={severity}", "service=x")
            same(f"{program}, {severity}", routed.strip(), receiver)
    file = work / "run/alerts-routes/shop/alertmanager/alertmanager.yml"
    command = ["config", "routes", "test", f"--config.file={file}", "severity=P3", "notify=security,payments"]
    same("receivers of named teams", amtool(*command).strip(), "notify payments,notify security,chat")


class Webhooks:
    """A webhook server that records Alertmanager's notifications by path."""

    def __init__(self):
        self.received = []
        received = self.received

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((self.path.strip("/"), json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def receiver(self, name):
        url = f"http://127.0.0.1:{self.server.server_port}/{name}"
        return {"webhook_configs": [{"url": url}]}

    def names(self, where):
        return {alert["labels"]["alertname"] for path, body in self.received if path == where for alert in body["alerts"]}


def alertmanager(folder, file, port):
    """Alertmanager with the written configuration, but with a short group wait."""
    text = re.sub(r'group_wait: "\d+s"', 'group_wait: "1s"', file.read_text())
    (folder / "alertmanager.yml").write_text(text)
    command = ["prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/store"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    return started(command, folder / "server", ready=answers(f"http://127.0.0.1:{port}/-/ready"))


def check_notifications_and_inhibition(work):
    folder, hooks, port = fresh(work, "alerts-notified"), Webhooks(), free_port()
    receivers = {name: hooks.receiver(name) for name in ("P1", "P2", "P3", "P4", "payments")}
    (folder / "routes.json").write_text(json.dumps({"receivers": receivers}))
    tool("alerts", "--manifest", SHOP, "--out", folder, "--routes", folder / "routes.json")
    fire = [
        ("PaymentSystemDown", "P1", "payments", "payments"),
        ("SlowCardProcessor", "P3", "payments", ""),
        ("HighLatency", "P2", "platform", ""),
        ("NoBids", "P3", "bids", ""),
        ("ManyRunning", "P4", "platform", ""),
    ]
    alerts = [
        {"labels": {"alertname": n, "severity": s, "team": t, "service": "shop", **({"notify": w} if w else {})}}
        for n, s, t, w in fire
    ]
    with alertmanager(folder, folder / "alertmanager/alertmanager.yml", port):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v2/alerts",
            json.dumps(alerts).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()
        for where in ("P1", "P2", "P3", "P4", "payments"):
            wait_for(lambda where=where: hooks.names(where), 30, f"a notification to {where}")
    expected = {
        "P1": {"PaymentSystemDown"}, "P2": {"HighLatency"}, "P4": {"ManyRunning"}, "payments": {"PaymentSystemDown"},
        # The other P3 alert is inhibited by the page to its team.
        "P3": {"NoBids"},
    }
    same("notifications by receiver", {where: hooks.names(where) for where in expected}, expected)


def check_unresolved_alerts_are_rejected(work):
    folder = fresh(work, "alerts-rejected")
    shop = json.loads(SHOP.read_text())
    shop["alerts"][0]["unresolved"] = ["no function `release` is annotated"]
    (folder / "shop.json").write_text(json.dumps(shop))
    done = tool("alerts", "--manifest", folder / "shop.json", "--out", folder / "out", ok=[1])
    same("the error message", done.stderr, "src/alerts.rs:10: `payment_system_down`: no function `release` is annotated\n")
    assert not (folder / "out").exists()


def check_runbooks(work):
    folder = fresh(work, "alerts-runbooks")
    tool("runbook", "--manifest", hostile_shop(folder), "--out", folder / "hostile")
    pages = list((folder / "hostile").glob("*.md"))
    same("pages", len(pages), len(json.loads(SHOP.read_text())["alerts"]))
    for page in pages:
        # Outside of code blocks, hostile texts must not become markup.
        text = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$", "", page.read_text())
        text = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        assert not re.search(r"(?<!\\)(<i>|\[y\]|@all)", text), f"{page}: {text}"
    page = tool("runbook", "PaymentFailures", "-p", "marketplace").stdout
    for expected in ("# PaymentFailures: P1, critical", "payment_failed_total", "sum:payment.failed{service:marketplace}"):
        assert expected in page, f"{expected} is not in {page}"
    assert len(re.findall(r"^\d\. ", page, re.M)) == 8
    if shutil.which("git") and (ROOT / ".git").exists():
        assert re.search(r"^- `[0-9a-f]{7,}` \d{4}-\d\d-\d\d ", page, re.M), page
    queries = re.findall(r"(?s)```promql\n(.*?)\n```", page)
    rules = "".join(
        f"  - record: x:{n}\n    expr: {json.dumps(line)}\n"
        for n, line in enumerate(line for q in queries for line in q.splitlines() if not line.startswith("#"))
    )
    (folder / "pasted.yml").write_text(f"groups:\n- name: pasted\n  rules:\n{rules}")
    checked = promtool("check", "rules", "pasted.yml", cwd=folder)
    same("promtool's result for the runbook's queries", (checked.returncode, checked.stderr), (0, ""))


def check_an_outage_becomes_a_page(work):
    """The card processor fails: Prometheus evaluates the alert, and Alertmanager notifies the right receivers."""
    folder, hooks = fresh(work, "alerts-outage"), Webhooks()
    pages, port, manager = free_port(), free_port(), free_port()
    receivers = {name: hooks.receiver(name) for name in ("P1", "payments")}
    (folder / "routes.json").write_text(json.dumps({"receivers": receivers}))
    tool("alerts", "-p", "marketplace", "--job", "shops", "--out", folder, "--routes", folder / "routes.json")
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: ['{folder}/prometheus/alerts.yml', '{folder}/prometheus/slo.yml']\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{manager}']}}]}}]}}\n"
        f"scrape_configs:\n- {{job_name: shops, static_configs: [{{targets: ['127.0.0.1:{pages}']}}]}}\n"
    )
    prometheus = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    prometheus += [f"--web.listen-address=127.0.0.1:{port}"]
    command = [marketplace_binary(), "--traffic", "--outage", "60", "--duration", "45"]
    env = {**clean_environment(), "PROMETHEUS_PORT": str(pages), "LOG_FORMAT": "json"}
    begun = time.monotonic()
    with alertmanager(folder, folder / "alertmanager/alertmanager.yml", manager):
        with started(prometheus, folder / "metrics", ready=answers(f"http://127.0.0.1:{port}/-/ready")):
            with started(command, folder / "marketplace", env=env):
                wait_for(lambda: "PaymentFailures" in hooks.names("P1"), 60, "the page")
                wait_for(lambda: "PaymentFailures" in hooks.names("payments"), 30, "a notification to the payments team")
    body = next(body for path, body in hooks.received if path == "P1")
    alert = next(alert for alert in body["alerts"] if alert["labels"]["alertname"] == "PaymentFailures")
    same("status", alert["status"], "firing")
    same("labels", {k: alert["labels"][k] for k in ("severity", "team", "service")},
         {"severity": "P1", "team": "payments", "service": "marketplace"})
    same("impact", alert["annotations"]["impact"], "A homeowner or a contractor waits for money.")
    return f"paged {time.monotonic() - begun:.0f} s after the start"

"""Sentry: Relay's normalizer accepts our events, Bugsink stores them, and Spotlight shows them."""

import gzip
import http.server
import json
import re
import subprocess
import threading
import urllib.request

from .parts import ROOT, answers, clean_environment, free_port, fresh, program, same, started, traffic, wait_for


class Intake(http.server.BaseHTTPRequestHandler):
    """Records the envelopes it receives."""

    protocol_version = "HTTP/1.1"
    envelopes = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.envelopes.append((dict(self.headers), body))
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    def log_message(self, *_):
        pass


def items(body: bytes):
    """The header and the items of an envelope, read by an independent parser."""
    head, _, rest = body.partition(b"\n")
    header, found = json.loads(head), []
    while rest:
        line, _, rest = rest.partition(b"\n")
        if not line:
            continue
        item = json.loads(line)
        payload, rest = rest[: item["length"]], rest[item["length"] :]
        assert rest[:1] in (b"\n", b""), "an item is longer than its header states"
        found.append((item, json.loads(payload)))
    return header, found


def check_relay_normalizer(work):
    """Relay has nothing to correct in our events."""
    from sentry_relay.processing import StoreNormalizer

    folder = fresh(work, "relay")
    Intake.envelopes = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Intake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        dsn = f"http://key@127.0.0.1:{server.server_port}/42"
        counts, _ = traffic(folder, {"SENTRY_DSN": dsn}, seconds=5)
    finally:
        server.shutdown()
    kinds = {}
    for headers, body in Intake.envelopes:
        assert headers["content-type"] == "application/x-sentry-envelope", headers
        assert "sentry_key=key" in headers["x-sentry-auth"], headers
        header, found = items(body)
        assert re.fullmatch(r"[0-9a-f]{32}", header["event_id"]), header
        assert header["sent_at"].endswith("Z"), header
        for item, payload in found:
            kinds.setdefault(item["type"], []).append((header, payload))
    events = kinds.get("event", [])
    assert events, f"no events among {list(kinds)}"
    for _, event in events + kinds.get("transaction", []):
        normal = StoreNormalizer(project_id=42).normalize_event(dict(event))
        same("errors of Relay", normal.get("errors") or [], [])
        assert normal["platform"] == "native", normal["platform"]
        flagged = [p for p in walk(normal.get("_meta") or {}) if p]
        same("corrections of Relay", flagged, [])
    mismatches = [e for _, e in events if any(v["type"] == "mismatch" for v in e["exception"]["values"])]
    # At most five events of a kind are reported in ten seconds. A captured error that is also logged is one event.
    same("events of mismatches", len(mismatches), min(5, counts["mismatches"]))
    same("events of log lines", [e for _, e in events if not e.get("exception")], [])
    for event in mismatches:
        assert event["contexts"]["call"]["contract_id"], event["contexts"]
        assert any("settled" in (c.get("message") or "") for c in event["breadcrumbs"]["values"]), event["breadcrumbs"]
        frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
        same("innermost frame", frames[-1]["function"], "reconcile")
    transactions = [payload for _, payload in kinds["transaction"]]
    requests = [t for t in transactions if t["contexts"]["trace"]["op"] == "http.server"]
    assert len(requests) >= counts["requests"], f"{len(requests)} of {counts['requests']} requests"
    return f"{len(events)} events, {len(transactions)} transactions"


def walk(meta, path=""):
    """Yields the paths with errors."""
    if isinstance(meta, dict):
        if (meta.get("") or {}).get("err"):
            yield f"{path}: {meta['']['err']}"
        for key, value in meta.items():
            if key:
                yield from walk(value, f"{path}/{key}")


def check_bugsink_stores_and_returns_events(work):
    folder = fresh(work, "bugsink")
    port = free_port()
    environment = {**clean_environment(), "DJANGO_SETTINGS_MODULE": "bugsink_conf", "PYTHONPATH": str(folder)}
    environment["CREATE_SUPERUSER"] = "a@example.org:password"

    def run(*command):
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
        return done.stdout

    create = program(work, "bugsink-create-conf")
    run(create, "--template=local", "--host=127.0.0.1", f"--port={port}", "-o", "bugsink_conf.py")
    with open(folder / "bugsink_conf.py", "a") as settings:
        settings.write('\nSENTRY_DSN=None\nBUGSINK["PHONEHOME"]=False\nBUGSINK["SINGLE_USER"]=True\n')
        settings.write('BUGSINK["VALIDATE_ON_DIGEST"]="strict"\n')
        # Digest immediately instead of in the background.
        settings.write('BUGSINK["DIGEST_IMMEDIATELY"]=True\n')
    manage = program(work, "bugsink-manage")
    run(manage, "migrate")
    run(manage, "migrate", "--database=snappea")
    run(manage, "prestart")
    code = "from projects.models import Project; print('DSN', Project.objects.create(name='shop').dsn)"
    dsn = re.search(r"^DSN (\S+)$", run(manage, "shell", "-c", code), re.M)[1]
    gunicorn = [program(work, "gunicorn"), f"--bind=127.0.0.1:{port}", "--workers=1", "bugsink.wsgi"]
    with started(gunicorn, folder, env=environment, ready=answers(f"http://127.0.0.1:{port}/")):
        _, text = traffic(folder, {"SENTRY_DSN": dsn}, seconds=5)
        reported = len(set(re.findall(r'"level":"(?:ERROR|WARN)".*?"error":\{"type":"(\w+)"', text)))
        code = "import json; from events.models import Event; print('EVENTS', json.dumps([json.loads(e.data) for e in Event.objects.all()] if Event.objects.count() and Event.objects.first().data else [e.get_parsed_data() for e in Event.objects.all()]))"

        def stored():
            found = re.search(r"^EVENTS (.*)$", run(manage, "shell", "-c", code), re.M)
            return json.loads(found[1]) if found else None

        events = wait_for(stored, 30, "events in Bugsink")
    assert events, "Bugsink stored nothing"
    types = {v["type"] for e in events for v in (e.get("exception") or {}).get("values", [])}
    for event in events:
        for key in ("event_id", "release", "environment", "timestamp"):
            assert event.get(key), f"{key} is missing in {event}"
        assert event["contexts"]["trace"]["trace_id"] != "0" * 32
    return f"{len(events)} events of types {sorted(types)}; {reported} kinds of errors in the log"


def check_spotlight_shows_events(work):
    """Sentry's local viewer receives the same envelopes and forwards them to its page."""
    folder = fresh(work, "spotlight")
    port = free_port()
    command = ["node", str(work / "npm/node_modules/.bin/spotlight"), "server", "-p", str(port)]
    env = {"NODE_OPTIONS": f"--require {ROOT / 'tests/conformance/loopback.cjs'}"}
    shown = []

    def watch():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/stream", timeout=60) as stream:
            for line in stream:
                if line.startswith(b"data: ["):
                    shown.append(json.loads(line[len(b"data: ") :]))

    with started(command, folder / "server", env, ready=answers(f"http://127.0.0.1:{port}/"), within=60):
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        counts, _ = traffic(folder, {"SENTRY_DSN": f"http://key@127.0.0.1:{port}/1"}, seconds=4)

        def payloads(kind):
            return [payload for _, items in shown for item, payload in items if item["type"] == kind]

        names = lambda: {e["exception"]["values"][-1]["type"] for e in payloads("event") if "exception" in e}
        wait_for(lambda: any("mismatch" in name.lower() for name in names()), 20, "an error in Spotlight")
        released = lambda: sum(t["transaction"] == "POST /contracts/{id}/complete" for t in payloads("transaction"))
        wait_for(lambda: released() >= counts["payments_released"], 20, f"every payment in Spotlight, {counts}")
        same("payments that Spotlight shows", released(), counts["payments_released"])
    return f"{len(payloads('event'))} events, {len(payloads('transaction'))} transactions"

"""All backends at once agree about one run of the traffic."""

import http.server
import json
import re
import subprocess
import threading
import time

from . import datadog, otlp, sentry
from .parts import answers, clean_environment, free_port, fresh, get, marketplace_binary, program, same, started, wait_for


def payments_in_logs(folder):
    lines = (folder / "logs" / "combined.log").read_text().splitlines()
    return sum(json.loads(line).get("event") == "payment.released" for line in lines)


def run_and_scrape(folder, env, pages):
    """Runs the marketplace and scrapes its metrics until it ends; returns the last page with payments."""
    with open(folder / "marketplace.log", "wb") as log:
        run = [marketplace_binary(), "--port", "0", "--traffic", "--duration", "4", "--linger", "4"]
        service = subprocess.Popen(run, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
        page, last = "", ""
        while service.poll() is None:
            try:
                page = get(f"http://127.0.0.1:{pages}/metrics").decode()
                last = page if "payment_released_total" in page else last
            except OSError:
                pass
            time.sleep(0.3)
    return last


def check_the_counts_agree(work):
    folder = fresh(work, "together")
    datagrams = datadog.Datagrams()
    sentry.Intake.envelopes = []
    intake = http.server.ThreadingHTTPServer(("127.0.0.1", 0), sentry.Intake)
    threading.Thread(target=intake.serve_forever, daemon=True).start()
    agent, otlp_http, pages = free_port(), free_port(), free_port()
    command = [program(work, "ddapm-test-agent"), "-p", str(agent), "--host", "127.0.0.1", "--snapshot-dir", "snap"]
    command += ["--otlp-http-port", str(otlp_http), "--otlp-grpc-port", str(free_port())]
    command += ["--disable-llmobs-data-forwarding"]
    env = {
        **clean_environment(),
        "DD_AGENT_HOST": "127.0.0.1",
        "DD_TRACE_AGENT_PORT": str(agent),
        "DD_DOGSTATSD_PORT": str(datagrams.port),
        "DD_SERVICE": "marketplace",
        "DD_ENV": "conformance",
        "DD_VERSION": "1.2.3",
        "SENTRY_DSN": f"http://key@127.0.0.1:{intake.server_port}/42",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{otlp_http}",
        "PROMETHEUS_PORT": str(pages),
        "LOG_DIR": str(folder / "logs"),
        "LOG_FORMAT": "json",
    }
    with started(command, folder / "agent", ready=answers(f"http://127.0.0.1:{otlp_http}/test/session/traces")):
        last = run_and_scrape(folder, env, pages)
        text = (folder / "marketplace.log").read_text()
        counts = {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", re.search(r"^traffic: (.*)$", text, re.M)[1])}
        released = counts["payments_released"]
        assert released > 0, counts
        otlp.compare(otlp_http, counts)
        spans = [span for trace in datadog.traces(agent) for span in trace]
        events = [e["name"] for s in spans if "events" in s["meta"] for e in json.loads(s["meta"]["events"])]
        same("Datadog's span events", events.count("payment.released"), released)
    wait_for(lambda: datagrams.sums()[0].get("payment.released") == released, 10, "DogStatsD's payments")
    same("payments in the log file", payments_in_logs(folder), released)
    scraped = sum(float(n) for n in re.findall(r"^payment_released_total(?:\{.*\})? (\S+)$", last, re.M))
    same("payments by Prometheus' page", scraped, float(released))
    intake.shutdown()
    transactions = [p for _, body in sentry.Intake.envelopes for i, p in sentry.items(body)[1] if i["type"] == "transaction"]
    spans_with_payment = [s for t in transactions for s in t["spans"] if s.get("data", {}).get("event.payment.released")]
    same("Sentry's spans with a released payment", len(spans_with_payment), released)
    lost = re.findall(r'"lost|lost \d+', text)
    same("losses in the log", lost, [])
    return f"{released} payments in five backends and the log"

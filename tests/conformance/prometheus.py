"""Prometheus scrapes the marketplace, promtool accepts its page, and queries return the totals of the traffic."""

import json
import re
import subprocess
import time
import urllib.parse

from .parts import answers, clean_environment, free_port, fresh, get, marketplace_binary, same, started, wait_for


def query(port, expression):
    url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(expression)}"
    result = json.loads(get(url))["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def check_scrape_and_query(work):
    folder = fresh(work, "prometheus")
    pages, port = free_port(), free_port()
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\nscrape_configs:\n"
        f"- {{job_name: marketplace, static_configs: [{{targets: ['127.0.0.1:{pages}']}}]}}\n"
    )
    env = {**clean_environment(), "PROMETHEUS_PORT": str(pages), "LOG_FORMAT": "json"}
    command = [marketplace_binary(), "--traffic", "--duration", "6", "--linger", "5"]
    log = open(folder / "marketplace.log", "wb")
    service = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
    prometheus = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    prometheus += [f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"]
    try:
        with started(prometheus, folder / "server", ready=answers(f"http://127.0.0.1:{port}/-/ready")):
            wait_for(lambda: (query(port, "sum(payment_released_total)") or 0) > 0, 30, "a payment in Prometheus")
            page = get(f"http://127.0.0.1:{pages}/metrics")
            checked = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, timeout=30)
            same("promtool's errors", (checked.returncode, checked.stderr.decode()), (0, ""))
            accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
            text = get(f"http://127.0.0.1:{pages}/metrics", accept).decode()
            assert text.endswith("# EOF\n")
            assert re.search(r'_bucket\{.*\} \d+ # \{trace_id="[0-9a-f]{32}"', text), "no exemplar on the page"
            url = f"http://127.0.0.1:{port}/api/v1/query_exemplars?query=function_duration_seconds_bucket"
            stored = wait_for(
                lambda: json.loads(get(f"{url}&start={time.time() - 60}&end={time.time() + 60}"))["data"],
                20,
                "exemplars in Prometheus",
            )
            up = query(port, 'up{job="marketplace"}')
            same("up", up, 1.0)
            # The service lingers for some more scrapes after the traffic has ended.
            service.wait(60)
            seen = query(port, "sum(max_over_time(payment_released_total[1m]))")
            # Not a rate: on a slow machine, Prometheus may start only after the traffic has ended.
            failed = query(port, 'sum(max_over_time(function_duration_seconds_count{outcome="error"}[1m]))')
            assert failed is not None and failed > 0, "no errors were counted"
    finally:
        service.terminate()
        service.wait()
        log.close()
    totals = re.search(r"payments_released=(\d+)", (folder / "marketplace.log").read_text())
    released = int(totals[1])
    same("payments in Prometheus", seen, float(released))
    return f"{released} payments by PromQL, {len(stored)} series with exemplars"

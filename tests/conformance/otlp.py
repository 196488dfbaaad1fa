"""OTLP into two third-party receivers: Datadog's test agent, which returns what it received, and rotel."""

import contextlib
import json
import pathlib
import re

from .parts import answers, free_port, fresh, get, library_folder, program, same, started, traffic, wait_for


@contextlib.contextmanager
def test_agent(work: pathlib.Path, folder: pathlib.Path):
    http, grpc, agent = free_port(), free_port(), free_port()
    command = [program(work, "ddapm-test-agent"), "-p", str(agent), "--host", "127.0.0.1", "--otlp-http-port", str(http)]
    command += ["--otlp-grpc-port", str(grpc), "--snapshot-dir", "snap", "--disable-llmobs-data-forwarding"]
    ready = answers(f"http://127.0.0.1:{http}/test/session/traces")
    with started(command, folder / "agent", ready=ready):
        yield http, grpc


def spans_of(payloads):
    for payload in payloads:
        for resource in payload.get("resource_spans", []):
            for scope in resource["scope_spans"]:
                yield from scope["spans"]


def points_of(payloads, name):
    for payload in payloads:
        for resource in payload.get("resource_metrics", []):
            for scope in resource["scope_metrics"]:
                for metric in scope["metrics"]:
                    if metric["name"] == name:
                        data = metric.get("sum") or metric.get("gauge") or metric.get("exponential_histogram")
                        yield from data["data_points"]


def attributes(item):
    return {a["key"]: next(iter(a["value"].values()), None) for a in item.get("attributes", [])}


def read_back(http, signal):
    return json.loads(get(f"http://127.0.0.1:{http}/test/session/{signal}"))


def compare(http, counts):
    """Compares the receiver's data of each signal with the traffic."""
    released = counts["payments_released"]
    spans = list(spans_of(read_back(http, "traces")))
    for span in spans:
        for key, length in (("trace_id", 16), ("span_id", 8)):
            import base64

            same(f"length of {key}", len(base64.b64decode(span[key])), length)
        assert int(span["end_time_unix_nano"]) >= int(span["start_time_unix_nano"]) > 1_700_000_000 * 10**9, span
    names = [span["name"] for span in spans]
    events = [event["name"] for span in spans for event in span.get("events", [])]
    same("span events payment.released", events.count("payment.released"), released)
    metrics = read_back(http, "metrics")
    # Points are cumulative, so the last point of each series is its total.
    seen = {}
    for point in points_of(metrics, "payment.released"):
        seen[json.dumps(point.get("attributes"), sort_keys=True)] = int(point["as_int"])
    same("counter payment.released", sum(seen.values()), released)
    logs = read_back(http, "logs")
    records = [r for p in logs for res in p["resource_logs"] for s in res["scope_logs"] for r in s["log_records"]]
    emitted = [r for r in records if r.get("event_name") == "payment.released"]
    same("log records payment.released", len(emitted), released)
    traced = {span["trace_id"] for span in spans}
    for record in emitted:
        assert record["trace_id"] in traced, "a business event without its trace"
    return f"{len(spans)} spans of {len(set(names))} names, {len(records)} log records"


def check_http(work):
    folder = fresh(work, "otlp-http")
    with test_agent(work, folder) as (http, _):
        counts, _ = traffic(folder, {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{http}"})
        return compare(http, counts)


def check_grpc(work):
    folder = fresh(work, "otlp-grpc")
    with test_agent(work, folder) as (http, grpc):
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{grpc}", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
        counts, _ = traffic(folder, env)
        return compare(http, counts)


def check_collector(work):
    """rotel, a collector, over both protocols."""
    folder = fresh(work, "rotel")
    rotel = next((work / "venv" / "lib").glob("python3*/site-packages/rotel/rotel-agent"))
    grpc, http = free_port(), free_port()
    command = [str(rotel), "start", "--exporter", "blackhole", "--debug-log-verbosity", "detailed"]
    for signal in ("traces", "metrics", "logs"):
        command += ["--debug-log", signal]
    command += ["--otlp-grpc-endpoint", f"127.0.0.1:{grpc}", "--otlp-http-endpoint", f"127.0.0.1:{http}"]
    env = {"LD_LIBRARY_PATH": library_folder()}
    with started(command, folder / "rotel", env=env, ready=answers(f"http://127.0.0.1:{http}/")):
        seen = 0
        for protocol, port in (("http/protobuf", http), ("grpc", grpc)):
            env = {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            }
            counts, _ = traffic(folder, env)
            log = folder / "rotel" / "log"
            seen += counts["payments_released"]
            text = wait_for(
                lambda: (t := log.read_text(errors="replace")).count("EventName: payment.released") >= seen and t
                or len(re.findall(r"Name *: payment\.released", t)) >= seen and t,
                20,
                f"{seen} payments in rotel's log",
            )
            for word in ("Span #", "Metric #", "LogRecord #"):
                assert word in text, f"{word} is not in rotel's log"
    return f"{text.count('Span #')} spans"

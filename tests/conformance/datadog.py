"""Datadog: the test agent's checks accept our traces, and a strict parser accepts our datagrams."""

import contextlib
import json
import re
import socket
import threading

from .parts import (
    answers,
    clean_environment,
    free_port,
    fresh,
    get,
    marketplace_binary,
    program,
    same,
    started,
    traffic,
    wait_for,
)

CHECKS = "trace_count_header,meta_tracer_version_header,trace_content_length,meta_events_is_valid_json,trace_peer_service,trace_dd_service"


@contextlib.contextmanager
def agent(work, folder, *more):
    port = free_port()
    command = [program(work, "ddapm-test-agent"), "-p", str(port), "--host", "127.0.0.1", "--snapshot-dir", "snap"]
    command += ["--otlp-http-port", str(free_port()), "--otlp-grpc-port", str(free_port())]
    command += ["--disable-llmobs-data-forwarding", *more]
    env = {"ENABLED_CHECKS": CHECKS, "DD_SERVICE": "marketplace"}
    with started(command, folder / "agent", env=env, ready=answers(f"http://127.0.0.1:{port}/info")):
        yield port


def no_failed_checks(port):
    url = f"http://127.0.0.1:{port}/test/trace_check/failures"
    with contextlib.suppress(Exception):
        failures = get(url).decode()
        assert not failures.strip(), failures
    summary = json.loads(get(f"http://127.0.0.1:{port}/test/trace_check/summary"))
    failed = {name: counts for name, counts in summary.items() if counts.get("Failed_Checks")}
    same("failed checks of the test agent", failed, {})
    return sum(counts.get("Passed_Checks", 0) for counts in summary.values())


def traces(port):
    return json.loads(get(f"http://127.0.0.1:{port}/test/session/traces"))


class Datagrams:
    """A DogStatsD server that rejects any deviation from the protocol."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.lines, self.largest = [], 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            datagram = self.socket.recv(65536)
            self.largest = max(self.largest, len(datagram))
            self.lines += datagram.decode("utf-8").splitlines()

    TAG = r"[^\W\d_][^,|#\n]*"
    LINE = re.compile(
        r"(?P<name>[A-Za-z][A-Za-z0-9_.]{0,199}):(?P<values>-?[0-9.]+(?::-?[0-9.]+)*)\|(?P<type>[cgd])"
        rf"(?:\|@(?P<rate>[0-9.e-]+))?\|#(?P<tags>{TAG}(?:,{TAG})*)(?:\|c:(?:ci|in)-[0-9a-f]+)?(?:\|e:.*)?"
    )

    def sums(self):
        """The counts and sums that an Agent would compute, by name."""
        counts, sums = {}, {}
        for line in self.lines:
            found = self.LINE.fullmatch(line)
            assert found, f"not DogStatsD: {line!r}"
            for tag in ("service:marketplace", "env:conformance", "version:1.2.3"):
                assert tag in found["tags"].split(","), line
            values = [float(v) for v in found["values"].split(":")]
            weight = 1 / float(found["rate"] or 1)
            name = found["name"]
            if found["type"] == "c":
                counts[name] = counts.get(name, 0) + sum(values)
            elif found["type"] == "d":
                counts[name] = counts.get(name, 0) + len(values) * weight
                sums[name] = sums.get(name, 0) + sum(values) * weight
        return counts, sums


def check_traces_and_metrics(work):
    folder = fresh(work, "datadog")
    datagrams = Datagrams()
    with agent(work, folder) as port:
        env = {
            "DD_AGENT_HOST": "127.0.0.1",
            "DD_TRACE_AGENT_PORT": str(port),
            "DD_DOGSTATSD_PORT": str(datagrams.port),
            "DD_DOGSTATSD_FLUSH_INTERVAL": "1",
            "DD_SERVICE": "marketplace",
        }
        counts, _ = traffic(folder, env, seconds=5)
        passed = no_failed_checks(port)
        spans = [span for trace in traces(port) for span in trace]
        roots = [s for s in spans if s["name"] == "http.server.request"]
        assert len(roots) >= counts["requests"], f"{len(roots)} of {counts['requests']} requests"
        for span in spans:
            same("service", span["service"], "marketplace")
            same("env", span["meta"].get("env"), "conformance")
            assert span["duration"] >= 0 and span["start"] > 1_700_000_000 * 10**9, span
        for trace in traces(port):
            assert "_dd.p.tid" in trace[0]["meta"], "the upper half of the trace id is missing"
            same("priority", trace[0]["metrics"]["_sampling_priority_v1"], 1)
        events = [e["name"] for s in spans if "events" in s["meta"] for e in json.loads(s["meta"]["events"])]
        same("span events payment.released", events.count("payment.released"), counts["payments_released"])
        failed = [s for s in spans if s["error"] and "error.stack" in s["meta"]]
        assert failed, "no span carries its error"
    expected = float(counts["payments_released"])
    wait_for(lambda: datagrams.sums()[0].get("payment.released") == expected, 5, f"{expected} payments by DogStatsD")
    counted, sums = datagrams.sums()
    same("distribution payment.released.amount", round(counted["payment.released.amount"]), int(expected))
    assert datagrams.largest <= 1432, datagrams.largest
    return f"{len(spans)} spans, {passed} checks passed, {len(datagrams.lines)} lines of metrics"


def check_a_trace_spans_both_services(work):
    folder = fresh(work, "datadog-two")
    with agent(work, folder) as port:
        other = free_port()
        env = {**clean_environment(), "DD_TRACE_AGENT_URL": f"http://127.0.0.1:{port}", "DD_SERVICE": "notifications"}
        command = [marketplace_binary(), "--only", "notifications", "--port", str(other)]
        with started(command, folder / "notifications", env=env, ready=answers(f"http://127.0.0.1:{other}/")):
            env = {"DD_TRACE_AGENT_URL": f"http://127.0.0.1:{port}", "DD_SERVICE": "marketplace"}
            arguments = ["--only", "api", "--notifications", f"127.0.0.1:{other}"]
            counts, _ = traffic(folder, env, arguments=arguments)

        services = {}
        for trace in traces(port):
            for span in trace:
                key = (span["trace_id"], trace[0]["meta"].get("_dd.p.tid"))
                services.setdefault(key, set()).add(span["service"])
    both = [key for key, names in services.items() if names == {"marketplace", "notifications"}]
    assert len(both) >= counts["payments_released"], f"{len(both)} traces span both services"
    return f"{len(both)} traces span both services"


def check_agent_on_a_unix_socket(work):
    folder = fresh(work, "datadog-socket")
    path, statsd = folder / "apm.sock", folder / "dsd.sock"
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(statsd))
    server.settimeout(20)
    with agent(work, folder, "--trace-uds-socket", str(path)) as port:
        wait_for(path.exists, 20, "the agent's socket")
        env = {"DD_TRACE_AGENT_URL": f"unix://{path}", "DD_DOGSTATSD_URL": f"unix://{statsd}", "DD_SERVICE": "marketplace"}
        result = {}
        def read():
            result["first"] = server.recv(65536)
            with contextlib.suppress(TimeoutError, OSError):
                while True:
                    server.recv(65536)
        threading.Thread(target=read, daemon=True).start()
        traffic(folder, env)
        spans = sum(len(trace) for trace in traces(port))
        assert spans > 100, spans
    assert 0 < len(result["first"]) <= 8192, result
    return f"{spans} spans over a Unix socket"

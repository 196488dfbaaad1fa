"""Annotates every function of public crates: they compile without new warnings, and their own tests end as before.

The crates were chosen for their different styles and for tests that are quick to build and run. The versions are those
of the project's own lockfile where it has them.
"""

import collections
import contextlib
import functools
import gzip
import http.server
import shutil
import threading

from .parts import free_port
from .wholesale import Annotation, Crate, Workspace, changes, count, fetched, run

CRATES = [
    # Bytes and buffers: unsafe code, vtables, many small methods.
    Crate("bytes", "1.12.2"),
    # Types of a protocol: generic maps, conversions, error types.
    Crate("http", "1.5.0"),
    # Generic iterators: closures, opaque types, deep inference.
    Crate("itertools", "0.15.0"),
    # Serialization: traits with many default methods, recursion, macros.
    Crate(
        "serde_json",
        "1.0.154",
        without=("trybuild",),
        without_tests={"tests/compiletest.rs": "compares compiler messages about the crate's macros"},
    ),
    # A state machine parser with strict lints.
    Crate("url", "2.5.8"),
    # Asynchronous I/O, with hand-written futures and with async fns.
    Crate("tokio-util", "0.7.20", ("full",)),
    Crate(
        "hyper-util",
        "0.1.21",
        ("full",),
        skip={"test_socks_v5_with_locally_resolved_domain_works": "queries a name server"},
        between=(
            "current_span_executor_propagates_span_from_execute_on_each_poll",
            "mk_span_executor_current_propagates_causal_span_relationships",
            "with_span_executor_current_propagates_construction_span",
        ),
    ),
    Crate("tower", "0.5.3", ("full",), between=("propagates_trace_spans",)),
    # Async trait methods as boxed futures, guards with destructors.
    Crate("sqlx-core", "0.9.0", ("_rt-tokio", "any", "json", "migrate", "offline")),
    # A service that uses `tracing::instrument` itself.
    Crate("mini-redis", "0.4.1", skip={"key_value_timeout": "its paused clock races with a real socket"}),
    # Streams and their adaptors, with pinned projections.
    Crate("tokio-stream", "0.1.19", ("full",)),
    Crate("http-body-util", "0.1.5", ("full",)),
    # Errors as trait objects behind a custom pointer; caller locations.
    Crate(
        "anyhow",
        "1.0.105",
        without=("trybuild",),
        without_tests={"tests/compiletest.rs": "compares compiler messages about the crate's macros"},
    ),
    # Collections: generic entries, iterators, operators.
    Crate("indexmap", "2.14.2"),
    Crate("headers", "0.4.2"),
    # A no_std crate.
    Crate("either", "1.19.0", without=("serde_json",)),
    Crate("httparse", "1.10.1", without=("criterion",)),
    Crate("semver", "1.0.28", without=("criterion",)),
    # Edition 2015.
    Crate("mime", "0.3.18"),
]

MODES = ["traced", "instrument", "bulk"]


@functools.cache
def plain(work):
    """Builds the unchanged crates and runs their tests; returns the workspace and the results."""
    folder = work / "run" / "crates"
    shutil.rmtree(folder, ignore_errors=True)
    sources = fetched(CRATES, folder / "fetched")
    workspace = Workspace(folder / "plain", CRATES, sources, work / "crates-target")
    workspace.build()
    for name, built in workspace.built.items():
        assert not built.errors, f"{name} does not compile unchanged: {built.errors[0]}"
    return workspace, {crate.name: results(workspace, crate) for crate in CRATES}


def results(workspace, crate, env=None):
    built = workspace.built[crate.name]
    return {name: run(program, crate, workspace.of(crate), env) for name, program in sorted(built.tests.items())}


def compare(work, workspace, env=None):
    """Builds and runs a workspace and prints how each crate differs from the plain one; returns the failures and the totals."""
    base, expected = plain(work)
    workspace.build()
    failures, totals, left_out = [], collections.Counter(), collections.Counter()
    for crate in workspace.crates:
        built, before = workspace.built[crate.name], base.built[crate.name]
        differences, retries = changed_tests(workspace, crate, base, expected[crate.name], env)
        new, gone = built.warnings - before.warnings, before.warnings - built.warnings
        tests = sum(map(count, expected[crate.name].values()), collections.Counter())
        numbers = {
            "annotated": len(built.annotated()),
            "compiled": len(built.compiled()),
            "sites": len({place for unit in built.expanded.values() for place in unit.sites}),
            "failing": len(built.failing),
            "tests": tests.total(),
            "ignored": tests["ignored"],
            "retried": retries,
        }
        totals.update(numbers)
        print(f"  {workspace.name} {crate.name} {crate.version}: {describe(numbers)}; ", end="")
        print(f"{len(new)} new warnings, {len(gone)} gone; {len(differences)} tests with another result", flush=True)
        # Functions left out on request are those that do not compile, which are reported below.
        del built.left_out["requested"]
        left_out.update(built.left_out)
        for reason, number in built.left_out.most_common():
            print(f"    {number} left out: {reason}")
        for (file, line), (name, why) in built.failing.items():
            failures.append(f"{crate.name}: `{name}` in {file}:{line} does not compile\n{why}")
        failures += [f"{crate.name} does not compile\n{why}" for why in built.errors]
        failures += [f"{crate.name}: new warning {code}: {text} in {where}" for code, text, where in sorted(new, key=str)]
        failures += [f"{crate.name}: {failure}" for failure in [*differences, *built.misplaced()]]
    for reason, number in left_out.most_common():
        print(f"  {workspace.name}: {number} left out: {reason}")
    return failures, totals


def describe(numbers) -> str:
    """The numbers of one crate, or the totals, as text."""
    return (
        f"{numbers['annotated']} functions annotated, {numbers['annotated'] - numbers['compiled']} of them removed by cfg, "
        f"{numbers['compiled']} compiled, {numbers['sites']} sites, {numbers['failing']} do not compile; "
        f"{numbers['tests']} tests, {numbers['ignored']} of them ignored, {numbers['retried']} retried"
    )


def changed_tests(workspace, crate, base, expected, env):
    """The tests that end differently from the plain crate in two runs, and how many differed in the first run.

    Some tests depend on timing, so each difference is printed and both crates run their tests again.
    """
    failures, retries = [], 0
    built = workspace.built[crate.name]
    for name, before in expected.items():
        if name not in built.tests:
            failures.append(f"the tests `{name}` are not built")
            continue
        unequal = changes(run(built.tests[name], crate, workspace.of(crate), env), before)
        if not unequal:
            continue
        for test, (now, was) in unequal.items():
            retries += not test.startswith("(the ")
            print(f"    {workspace.name} {crate.name}: retrying `{test}` of `{name}`: {now}, plain: {was}")
        if not env:
            before = run(base.built[crate.name].tests[name], crate, base.of(crate))
        unequal = changes(run(built.tests[name], crate, workspace.of(crate), env), before)
        failures += [f"`{test}` of `{name}`: {now}, plain: {was}" for test, (now, was) in unequal.items()]
    return failures, retries


def annotated(work, mode):
    base, _ = plain(work)
    folder = base.folder.parent / mode
    workspace = Workspace(folder, CRATES, base.sources, base.target, Annotation(mode))
    failures, totals = compare(work, workspace)
    (folder / "failures.txt").write_text("\n\n".join(failures))
    summary = describe(totals)
    assert not failures, f"{summary}; {len(failures)} failures, in {folder}/failures.txt\n" + "\n".join(failures[:10])
    assert totals["compiled"] >= 5_000, summary
    return summary


def check_traced(work):
    return annotated(work, "traced")


def check_instrument(work):
    return annotated(work, "instrument")


def check_bulk(work):
    return annotated(work, "bulk")


# The tests of these crates also run with telemetry on.
ASYNCHRONOUS = ["tokio-util", "hyper-util", "tower", "mini-redis"]


def check_with_telemetry_on(work):
    """Runs the tests with telemetry on: the live view is served, and a local receiver counts the exported spans."""
    base, _ = plain(work)
    crates = [crate for crate in CRATES if crate.name in ASYNCHRONOUS]
    folder = base.folder.parent / "on"
    workspace = Workspace(folder, crates, base.sources, base.target, Annotation("traced", telemetry=True))
    with receiver() as (port, spans):
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "INSTRUMENTAL_LIVE": str(free_port())}
        env |= {"LOG_FORMAT": "json", "RUST_LOG": "off", "SUMMARY": "off", "TRACE_TREE": "off"}
        failures, totals = compare(work, workspace, env)
    (folder / "failures.txt").write_text("\n\n".join(failures))
    summary = f"{describe(totals)}; {sum(spans)} spans received"
    assert not failures, f"{summary}; {len(failures)} failures, in {folder}/failures.txt\n" + "\n".join(failures[:10])
    assert sum(spans) > totals["tests"], summary
    return summary


@contextlib.contextmanager
def receiver():
    """A receiver for OTLP over HTTP: yields its port and the number of spans in each request."""
    spans = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":
                scopes = (scope for resource in parts(body, 1) for scope in parts(resource, 2))
                spans.append(sum(1 for scope in scopes for _ in parts(scope, 2)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, spans
    finally:
        server.shutdown()
        server.server_close()


def parts(message: bytes, number: int):
    """The values of a length-delimited field of a protobuf message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        field, kind = divmod(varint(), 8)
        if kind == 0:
            varint()
            continue
        length = {1: 8, 5: 4}.get(kind) or varint()
        if field == number and kind == 2:
            yield message[at : at + length]
        at += length

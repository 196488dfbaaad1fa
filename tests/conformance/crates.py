"""Public crates of different styles, each function annotated: they compile, with no new warning, and their own tests end as before.

Chosen for their styles and for tests that are quick to build and run; versions are those that the project builds with,
where it does.
"""

import collections
import functools
import shutil

from .wholesale import Crate, Workspace, fetched, run, unlike

CRATES = [
    # Bytes and buffers: unsafe code, vtables, a great many small methods.
    Crate("bytes", "1.12.2"),
    # Types of a protocol: generic maps, conversions, error types.
    Crate("http", "1.5.0"),
    # Generic iterators: closures, opaque types, deep inference.
    Crate("itertools", "0.15.0"),
    # Serialization: traits with many default methods, recursion, macros.
    Crate("serde_json", "1.0.154"),
    # A parser of states, under lints.
    Crate("url", "2.5.8"),
    # Asynchronous input and output, by hand-written futures and by async fn.
    Crate("tokio-util", "0.7.20", ("full",)),
    Crate(
        "hyper-util",
        "0.1.21",
        ("full",),
        skip={"test_socks_v5_with_locally_resolved_domain_works": "asks a name server"},
    ),
    Crate("tower", "0.5.3", ("full",)),
    # Async fns in traits as boxed futures, guards that act when dropped.
    Crate("sqlx-core", "0.9.0", ("_rt-tokio", "any", "json", "migrate", "offline")),
    # A service, which uses `tracing::instrument` itself.
    Crate("mini-redis", "0.4.1", skip={"key_value_timeout": "the paused clock runs ahead of a real socket"}),
]

MODES = ["traced", "instrument", "bulk"]


@functools.cache
def plain(work):
    """The crates as they are: built, and what their tests end with."""
    folder = work / "run" / "crates"
    shutil.rmtree(folder, ignore_errors=True)
    sources = fetched(CRATES, folder / "fetched")
    workspace = Workspace(folder / "plain", "plain", CRATES, sources, work / "crates-target")
    workspace.build()
    for name, built in workspace.built.items():
        assert not built.errors, f"{name} does not compile as it is: {built.errors[0]}"
    return workspace, {crate.name: results(workspace, crate) for crate in CRATES}


def results(workspace, crate, env=None):
    built = workspace.built[crate.name]
    return {name: run(program, crate, workspace.of(crate), env) for name, program in sorted(built.tests.items())}


def compare(work, workspace, env=None):
    """Builds a workspace, runs what it built, and prints how each crate differs from the plain one. The faults."""
    base, expected = plain(work)
    workspace.build()
    faults, totals = [], collections.Counter()
    for crate in workspace.crates:
        built, before = workspace.built[crate.name], base.built[crate.name]
        differences = differing(workspace, crate, base, expected[crate.name], env)
        new, gone = built.warnings - before.warnings, before.warnings - built.warnings
        tests = sum(len(results) - 1 for results in expected[crate.name].values())
        left_out = ", ".join(f"{count} {reason}" for reason, count in built.left_out.most_common())
        compiled = len(built.compiled())
        print(f"  {workspace.mode} {crate.name} {crate.version}: {compiled} functions annotated,")
        print(f"      {len(built.failing)} do not compile, {len(new)} new warnings, {len(gone)} gone,")
        print(f"      {tests} tests, {len(differences)} end otherwise; left alone: {left_out}", flush=True)
        for (file, line), (name, why) in built.failing.items():
            faults.append(f"{crate.name}: `{name}` in {file}:{line} does not compile\n{why}")
        faults += [f"{crate.name} does not compile\n{why}" for why in built.errors]
        faults += [f"{crate.name}: new warning {code}: {text} in {where}" for code, text, where in sorted(new, key=str)]
        faults += [f"{crate.name}: {difference}" for difference in differences]
        totals.update(functions=compiled, failing=len(built.failing), tests=tests)
    return faults, totals


def differing(workspace, crate, base, expected, env):
    """Tests that end otherwise than in the plain crate. Those that depend on time may try again."""
    told = []
    built = workspace.built[crate.name]
    for name, before in expected.items():
        if name not in built.tests:
            told.append(f"the tests `{name}` are not built")
            continue
        for _ in range(3):
            unequal = unlike(run(built.tests[name], crate, workspace.of(crate), env), before)
            if not unequal:
                break
            before = before if env else run(base.built[crate.name].tests[name], crate, base.of(crate))
        told += [f"`{test}` of `{name}` is {now}, plain it is {was}" for test, (now, was) in unequal.items()]
    return told


def annotated(work, mode):
    base, _ = plain(work)
    folder = base.folder.parent / mode
    workspace = Workspace(folder, mode, CRATES, base.sources, base.target)
    faults, totals = compare(work, workspace)
    (folder / "faults.txt").write_text("\n\n".join(faults))
    told = f"{totals['functions']} functions, {totals['failing']} do not compile, {totals['tests']} tests"
    assert not faults, f"{told}; {len(faults)} faults, in {folder}/faults.txt\n" + "\n".join(faults[:10])
    assert totals["functions"] >= 5_000, told
    return told


def check_traced(work):
    return annotated(work, "traced")


def check_instrument(work):
    return annotated(work, "instrument")


def check_bulk(work):
    return annotated(work, "bulk")

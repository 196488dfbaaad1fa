"""`instrumental::instrument` passes the published tests of tracing-attributes, which it replaces.

Cargo fetches the package. Its tests are copied next to our manifest, and only the path of the attribute is replaced.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

from .parts import ROOT, fresh, same

PUBLISHED = "0.1.31"
TESTS = 74

MANIFEST = """
[package]
name = "dropin"
version = "0.0.0"
edition = "2018"
publish = false

[workspace]

[dependencies]
{dependencies}

[dev-dependencies]
async-trait = "0.1.67"
rustversion = "1.0.9"
tracing-attributes = "={published}"
tracing-mock = "=0.1.0-beta.3"
tracing-subscriber = {{ version = "0.3", features = ["env-filter"] }}
tracing-test = {{ path = "tracing-test" }}
trybuild = "1.0.64"
"""

# An unpublished package of the tracing workspace; the tests use these two items of it.
HELPERS = """
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

pub fn block_on_future<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// Ready at the given poll.
pub struct PollN(usize);

impl PollN {
    pub fn new_ok(polls: usize) -> Self {
        Self(polls)
    }
}

impl Future for PollN {
    type Output = Result<(), ()>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0 -= 1;
        if self.0 == 0 {
            return Poll::Ready(Ok(()));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
"""

OURS = f'instrumental = {{ path = "{ROOT}/runtime" }}'


def library(folder: pathlib.Path, name: str, source: str, dependencies=""):
    """Writes a package with a single source file."""
    (folder / name / "src").mkdir(parents=True)
    manifest = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\n{dependencies}\n'
    (folder / name / "Cargo.toml").write_text(manifest)
    (folder / name / "src" / "lib.rs").write_text(source)


def package(work: pathlib.Path, name: str, dependencies: str) -> pathlib.Path:
    """Writes a package without tests and with the dependencies of the published tests."""
    folder = fresh(work, name)
    (folder / "Cargo.toml").write_text(MANIFEST.format(dependencies=dependencies, published=PUBLISHED))
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").touch()
    # Shared dependencies have the versions of our workspace.
    shutil.copy(ROOT / "Cargo.lock", folder)
    library(folder, "tracing-test", HELPERS)
    return folder


def cargo(work: pathlib.Path, folder: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "CARGO_TARGET_DIR": str(work / "dropin"), "CARGO_TERM_COLOR": "never"}
    return subprocess.run(["cargo", *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=1800)


def published(work: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """The folder of the published package's tests, as unpacked by cargo."""
    done = cargo(work, folder, "metadata", "--format-version", "1")
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    packages = json.loads(done.stdout)["packages"]
    found = next(p for p in packages if p["name"] == "tracing-attributes" and p["version"] == PUBLISHED)
    return pathlib.Path(found["manifest_path"]).parent / "tests"


def suite(work: pathlib.Path, name: str, attribute: str) -> dict[str, bool]:
    """Runs the suite with the given attribute; returns whether each test passed."""
    folder = package(work, name, f'{OURS}\ntracing = "0.1.35"')
    (folder / "tests").mkdir()
    results: dict[str, bool] = {}
    for file in sorted(published(work, folder).glob("*.rs")):
        if file.stem == "ui":
            continue
        source, replaced = re.subn(r"\btracing(_attributes)?::instrument\b", attribute, file.read_text())
        assert replaced, f"{file.name} does not name the attribute"
        (folder / "tests" / file.name).write_text(source)
        tests = re.findall(r"#\[test\]\s*fn (\w+)", source)
        ran = cargo(work, folder, "test", "--test", file.stem, "--", "--test-threads=1")
        (folder / f"{file.stem}.log").write_text(ran.stdout + ran.stderr)
        passed = set(re.findall(r"^test (\w+) \.\.\. ok$", ran.stdout, re.M))
        if not tests:
            # The file is a compile-only test.
            assert ran.returncode == 0, f"{file.name} does not compile: {folder}/{file.stem}.log"
        results.update({f"{file.stem}::{test}": test in passed for test in tests})
    return results


def compile_errors(work: pathlib.Path, name: str, attribute: str) -> dict[str, list]:
    """Compiles the UI tests with the given attribute; returns the code and the line of each error."""
    folder = package(work, name, f'{OURS}\ntracing = "0.1.35"')
    (folder / "examples").mkdir()
    found = {}
    for file in sorted((published(work, folder) / "ui").glob("*/*.rs")):
        source, replaced = re.subn(r"\btracing::instrument\b", attribute, file.read_text())
        assert replaced, f"{file.name} does not name the attribute"
        (folder / "examples" / file.name).write_text(source)
        done = cargo(work, folder, "check", "--example", file.stem, "--message-format", "json")
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        messages = [line["message"] for line in lines if line["reason"] == "compiler-message"]
        errors = [m for m in messages if m["level"] == "error" and m["spans"]]
        place = [((m["code"] or {}).get("code"), next(s["line_start"] for s in m["spans"] if s["is_primary"])) for m in errors]
        assert (done.returncode == 0) == (not errors), f"{file.name}: {done.stderr[-2000:]}"
        found[f"{file.parent.name}/{file.stem}"] = sorted(set(place), key=str)
    return found


def check_the_published_suite(work):
    theirs = suite(work, "dropin-control", "tracing_attributes::instrument")
    same("tests that pass as published", sum(theirs.values()), TESTS)
    ours = suite(work, "dropin", "instrumental::instrument")
    same("tests that fail as a drop-in", [test for test, passed in ours.items() if not passed], [])
    same("tests", len(ours), TESTS)
    return f"{sum(ours.values())} of {len(theirs)} tests of tracing-attributes {PUBLISHED}"


def check_the_published_compile_errors(work):
    """The published error texts depend on the compiler version, so the errors are compared with those of the plain functions."""
    plain = compile_errors(work, "dropin-ui-plain", "cfg(all())")
    ours = compile_errors(work, "dropin-ui", "instrumental::instrument")
    same("files", sorted(ours), sorted(plain))
    # The attribute rejects this one, at `const`.
    plain["fail/const_instrument"].append((None, 4))
    same("errors", ours, plain)
    assert ours["fail/async_instrument"] and not ours["pass/type_shadowing"]
    return f"{len(ours)} of {len(plain)} files"

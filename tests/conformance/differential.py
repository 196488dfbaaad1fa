"""Compares the behavior of plain and annotated functions of every shape (tests/differential)."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess

from .parts import ROOT

SEED, PAIRS = 8, 2048
# The number of differences printed for a pair.
SHOWN = 4
# Combinations that the generator leaves out because they must differ.
BY_DESIGN = [
    "#[expect(unused_variables)] on a parameter that the attribute records: it is used, as with tracing",
    "a `_` or `..` in the attribute's own pattern for `()`: clippy::ignored_unit_patterns applies",
    "#[track_caller] with an option that inspects the value: the function is only measured",
]
# Intended differences: patterns of the shape and of the difference, and the reason.
INTENDED = [
    (
        r"(Future|FutureSend|Boxed) .*attribute:(instrument|err|ret|skip_first|skip_all)",
        r"plain \[",
        "the drop-in on a body that ends with an async block keeps recorded values until the span ends, as tracing does",
    ),
    (r"", r"clippy::large_futures", "a future of several arguments with destructors holds them twice"),
    (r"^Macro", r"warning at .*clippy::", "clippy attributes a function made of macro_rules and user tokens to the user"),
    (
        r"returns:(fn_|optional_fn)",
        r"does not compile: (implementation of|E0282)",
        "the types of a returned closure cannot be inferred where the value is inspected (error_if, events)",
    ),
    (
        r" Async |^Async",
        r"is `.*`, annotated `.*UnwindSafe",
        "an async fn that borrows its argument is UnwindSafe even if its body is not",
    ),
    (
        r"async fn f\(mut a: u32\) \{ a = 2; \}",
        r"(more|less): .*(unused_variables|unused_assignments)",
        "the compiler words its warning about an unread assignment to an async fn's argument differently",
    ),
]
MANIFEST = """[package]
name = "pairs"
version = "0.0.0"
edition = "2024"

[dependencies]
futures-core = "0.3.31"
instrumental = {{ path = "{root}/runtime", features = ["testing"] }}
instrumental-tests-differential = {{ path = "{root}/tests/differential" }}

[profile.dev]
debug = "line-tables-only"
incremental = false

[profile.dev.package."*"]
debug = false

[workspace]
"""
MAIN = """//! Pairs of functions.
#![warn(clippy::all, clippy::pedantic)]
include!("pairs.rs");
fn main() -> std::process::ExitCode {
    instrumental_tests_differential::kit::main(PAIRS)
}
"""


class Program:
    """A generated crate: a binary that runs pairs, or a library that is only compiled."""

    def __init__(self, work: pathlib.Path, name: str, *command, root="main"):
        self.folder = work / "differential" / name
        self.command = command
        self.without: set[str] = set()
        (self.folder / "src").mkdir(parents=True, exist_ok=True)
        (self.folder / "Cargo.toml").write_text(MANIFEST.format(root=ROOT))
        (self.folder / "Cargo.lock").write_bytes((ROOT / "Cargo.lock").read_bytes())
        (self.folder / "src" / f"{root}.rs").write_text(MAIN if root == "main" else 'include!("pairs.rs");')
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(work / "differential" / "target")}
        subprocess.run(["cargo", "build", "--quiet", "-p", "instrumental-tests-differential"], cwd=ROOT, check=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.generator = self.folder / "generator"
        shutil.copy(target / "debug" / "differential", self.generator)
        self.generate()

    def generate(self):
        """Writes all pairs except those left out."""
        without = self.folder / "without"
        without.write_text("\n".join(sorted(self.without)))
        subprocess.run(
            [self.generator, *self.command, "--out", self.folder / "src", "--without", without], check=True
        )
        text = (self.folder / "src" / "pairs.rs").read_text()
        self.shapes = dict(re.findall(r'name: "(p\d+)", shape: "([^"]*)"', text))
        self.silent = set(re.findall(r'name: "(p\d+)", .*, silent: true', text))

    def cargo(self, *command) -> list[dict]:
        """Runs cargo; returns the errors and warnings of the compiler."""
        done = subprocess.run(
            ["cargo", *command, "--message-format", "json"],
            cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        diagnostics = [message["message"] for message in messages if message.get("reason") == "compiler-message"]
        if done.returncode != 0 and not diagnostics:
            raise RuntimeError(done.stderr[-3000:])
        return [message for message in diagnostics if message["level"] in ("error", "warning") and message["spans"]]

    def place(self, message) -> tuple[str, str, tuple] | None:
        """The pair, the twin and the relative position of a diagnostic."""
        spans = [span for span in message["spans"] if span["is_primary"]] or message["spans"]
        span = spans[0]
        while span["expansion"] and not re.search(r"/p\d+\.rs$", span["file_name"]):
            span = span["expansion"]["span"]
        name = pathlib.PurePath(span["file_name"]).stem
        if not re.fullmatch(r"p\d+", name):
            return None
        lines = (self.folder / "src" / f"{name}.rs").read_text().splitlines()
        annotated = lines.index("pub mod annotated {") + 1
        twin, base = ("annotated", annotated) if span["line_start"] >= annotated else ("plain", lines.index("pub mod plain {") + 1)
        return name, twin, (span["line_start"] - base, span["column_start"])


def first_line(message) -> str:
    code = (message["code"] or {}).get("code", "")
    text = message["message"].splitlines()[0].replace("::annotated::", "::").replace("::plain::", "::")
    return f"{code} {text}".strip()


def until_it_compiles(program: Program, differences: dict, how="clippy") -> list[dict]:
    """Leaves out pairs until the rest compiles; returns the warnings."""
    while True:
        messages = program.cargo(how)
        errors = [message for message in messages if message["level"] == "error"]
        if not errors:
            return messages
        found = set()
        for message in errors:
            place = program.place(message)
            if place is None:
                raise RuntimeError(message["rendered"])
            name, twin, _ = place
            if twin == "plain":
                raise RuntimeError(f"a generated plain function does not compile: {message['rendered']}")
            differences[name].append(f"does not compile: {first_line(message)}")
            found.add(name)
        program.without |= found
        program.generate()


def compare_warnings(program: Program, messages: list[dict], differences: dict):
    """Records the warnings about the annotated twin that the plain one does not have."""
    diagnostics = collections.defaultdict(set)
    for message in messages:
        place = program.place(message)
        if place:
            name, twin, at = place
            diagnostics[name, twin].add((at, first_line(message)))
    for name in program.shapes:
        for at, text in sorted(diagnostics[name, "annotated"] - diagnostics[name, "plain"]):
            differences[name].append(f"warning at {at[0]}:{at[1]}: {text}")


def compare_runs(program: Program, differences: dict, *profile):
    """Runs both twins of each pair and records the differences."""
    messages = program.cargo("build", *profile)
    errors = [message["rendered"] for message in messages if message["level"] == "error"]
    if errors:
        raise RuntimeError(errors[0])
    folder = "release" if profile else "debug"
    binary = pathlib.Path(program.environment["CARGO_TARGET_DIR"]) / folder / "pairs"
    begun, ended = "", False
    while not ended:
        before = begun
        done = subprocess.run([binary, begun], capture_output=True, text=True, timeout=600)
        for line in done.stdout.splitlines():
            match line.split("\t"):
                case ["begun", name]:
                    begun = name
                case ["ran", *_]:
                    ended = True
                case [name, _, difference]:
                    differences[name].append(difference)
        if begun == before:
            raise RuntimeError(f"the program ended with {done.returncode}: {done.stderr[-2000:]}")
        if not ended:
            # The pair ended the process; the next run continues after it.
            differences[begun].append(f"the process ends with {done.returncode}: {done.stderr[-300:].strip()!r}")


def remove_intended(shapes: dict, differences: dict):
    """Removes intended differences and prints how many there were."""
    for shape, difference, why in INTENDED:
        pairs = 0
        for pair in [pair for pair in differences if re.search(shape, shapes[pair])]:
            rest = [text for text in differences[pair] if not re.search(difference, text)]
            pairs += len(rest) < len(differences[pair])
            differences[pair] = rest
            if not rest:
                del differences[pair]
        print(f"{pairs} pairs differ as intended: {why}")


def report(shapes: dict, differences: dict, what: str) -> str:
    """Prints each difference and returns a summary; fails if there is any."""
    remove_intended(shapes, differences)
    for pair, found in sorted(differences.items()):
        print(f"{pair}: {shapes[pair]}")
        different = list(dict.fromkeys(found))
        for difference in different[:SHOWN]:
            print(f"    {difference}")
        if len(different) > SHOWN:
            print(f"    and {len(different) - SHOWN} more, for other inputs")
    summary = f"{len(shapes):,} {what}, {len(differences):,} differences"
    if differences:
        raise AssertionError(summary)
    return summary


def generated(pairs: int, *more: str) -> list[str]:
    return ["generate", "--seed", str(SEED), "--pairs", str(pairs), *more]


def compare(work: pathlib.Path, name: str, pairs: int) -> str:
    program = Program(work, name, *generated(pairs))
    shapes = dict(program.shapes)
    differences = collections.defaultdict(list)
    compare_warnings(program, until_it_compiles(program, differences), differences)
    compare_runs(program, differences)
    for reason in BY_DESIGN:
        print(f"not combined: {reason}")
    return report(shapes, differences, "pairs")


def check_plain_and_annotated(work: pathlib.Path) -> str:
    return compare(work, "all", PAIRS)


def check_large_arguments_in_release(work: pathlib.Path) -> str:
    """An optimized program does not copy a large argument again."""
    program = Program(work, "large", *generated(PAIRS, "--only", "param:big"))
    shapes = dict(program.shapes)
    differences = collections.defaultdict(list)
    until_it_compiles(program, differences)
    compare_runs(program, differences, "--release")
    return report(shapes, differences, "pairs")


def check_warnings_are_the_same(work: pathlib.Path) -> str:
    """Functions with compiler warnings: the annotated twin has exactly the same ones."""
    program = Program(work, "warned", "warned", root="lib")
    diagnostics = collections.defaultdict(set)
    differences = collections.defaultdict(list)
    shapes = dict(program.shapes)
    for message in until_it_compiles(program, differences, "check"):
        if place := program.place(message):
            name, twin, at = place
            diagnostics[name, twin].add((at, first_line(message)))
    for name, shape in program.shapes.items():
        plain, annotated = diagnostics[name, "plain"], diagnostics[name, "annotated"]
        if not plain:
            raise RuntimeError(f"{name} has no warning: {shape}")
        expected = set() if name in program.silent else plain
        more = [f"more: {at[0]}:{at[1]}: {text}" for at, text in sorted(annotated - expected)]
        less = [f"less: {at[0]}:{at[1]}: {text}" for at, text in sorted(expected - annotated)]
        if more or less:
            differences[name] = more + less
    return report(shapes, differences, "functions with warnings")

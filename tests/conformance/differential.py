"""Functions of every shape, plain and annotated: what both do is compared (tests/differential)."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess

from .parts import ROOT

SEED, PAIRS = 8, 2048
# How many differences of a pair are printed.
SHOWN = 4
# What the generator does not combine, as it cannot be the same.
BY_DESIGN = [
    "#[expect(unused_variables)] on a parameter that the attribute records: it is used, as under tracing",
    "a `_` or `..` in the attribute's own pattern for `()`: clippy::ignored_unit_patterns is right",
    "#[track_caller] with an option that looks at the value: the function is only measured",
]
# What differs and is meant to: what the shape has, what is different, and why.
MEANT = [
    (
        r"(Future|FutureSend|Boxed) .*attribute:(instrument|err|ret|skip_first|skip_all)",
        r"plain \[",
        "the drop-in on a body that ends with an async block has what it records until the span ends, as under tracing",
    ),
    (r"", r"clippy::large_futures", "a future of several arguments with destructors holds them twice"),
    (r"^Macro", r"warned of at .*clippy::", "clippy takes a function of macro_rules and the user's tokens for the user's"),
    (
        r"returns:(fn_|optional_fn)",
        r"does not compile: (implementation of|E0282)",
        "a closure whose types are inferred has none where the value is looked at (error_if, events)",
    ),
    (
        r" Async |^Async",
        r"is `.*`, annotated `.*UnwindSafe",
        "an async fn that borrows its argument is UnwindSafe, also where the body is not",
    ),
    (
        r"async fn f\(mut a: u32\) \{ a = 2; \}",
        r"(more|less): .*(unused_variables|unused_assignments)",
        "of an async fn's argument that is assigned and never read, the compiler warns in other words",
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
    """A generated crate: a program that runs pairs, or a library that is only compiled."""

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
        """Writes the pairs but those that are left out."""
        without = self.folder / "without"
        without.write_text("\n".join(sorted(self.without)))
        subprocess.run(
            [self.generator, *self.command, "--out", self.folder / "src", "--without", without], check=True
        )
        text = (self.folder / "src" / "pairs.rs").read_text()
        self.shapes = dict(re.findall(r'name: "(p\d+)", shape: "([^"]*)"', text))
        self.silent = set(re.findall(r'name: "(p\d+)", .*, silent: true', text))

    def cargo(self, *command) -> list[dict]:
        """Builds it. What the compiler said."""
        done = subprocess.run(
            ["cargo", *command, "--message-format", "json"],
            cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        told = [message["message"] for message in messages if message.get("reason") == "compiler-message"]
        if done.returncode != 0 and not told:
            raise RuntimeError(done.stderr[-3000:])
        return [message for message in told if message["level"] in ("error", "warning") and message["spans"]]

    def place(self, message) -> tuple[str, str, tuple] | None:
        """Pair, twin and relative place of a diagnostic."""
        spans = [span for span in message["spans"] if span["is_primary"]] or message["spans"]
        span = spans[0]
        while span["expansion"] and not re.search(r"/p\d+\.rs$", span["file_name"]):
            span = span["expansion"]["span"]
        name = pathlib.PurePath(span["file_name"]).stem
        if not re.fullmatch(r"p\d+", name):
            return None
        lines = (self.folder / "src" / f"{name}.rs").read_text().splitlines()
        noted = lines.index("pub mod noted {") + 1
        twin, base = ("noted", noted) if span["line_start"] >= noted else ("plain", lines.index("pub mod plain {") + 1)
        return name, twin, (span["line_start"] - base, span["column_start"])


def said(message) -> str:
    code = (message["code"] or {}).get("code", "")
    text = message["message"].splitlines()[0].replace("::noted::", "::").replace("::plain::", "::")
    return f"{code} {text}".strip()


def uncompilable(program: Program, differences: dict, how="clippy") -> list[dict]:
    """Leaves out what does not compile, until the rest does. The warnings of the rest."""
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
                raise RuntimeError(f"the generator wrote what does not compile: {message['rendered']}")
            differences[name].append(f"does not compile: {said(message)}")
            found.add(name)
        program.without |= found
        program.generate()


def warned(program: Program, messages: list[dict], differences: dict):
    """What the compiler says of the annotated twin and not of the plain one."""
    told = collections.defaultdict(set)
    for message in messages:
        place = program.place(message)
        if place:
            name, twin, at = place
            told[name, twin].add((at, said(message)))
    for name in program.shapes:
        for at, text in sorted(told[name, "noted"] - told[name, "plain"]):
            differences[name].append(f"warned of at {at[0]}:{at[1]}: {text}")


def ran(program: Program, differences: dict, *profile):
    """What differs when both run."""
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
            # One that takes the process down is left behind.
            differences[begun].append(f"the process ends with {done.returncode}: {done.stderr[-300:].strip()!r}")


def without_what_is_meant(shapes: dict, differences: dict):
    """Takes away what differs and is meant to, and says how many."""
    for shape, difference, why in MEANT:
        pairs = 0
        for pair in [pair for pair in differences if re.search(shape, shapes[pair])]:
            rest = [text for text in differences[pair] if not re.search(difference, text)]
            pairs += len(rest) < len(differences[pair])
            differences[pair] = rest
            if not rest:
                del differences[pair]
        print(f"{pairs} pairs differ as is meant: {why}")


def judged(shapes: dict, differences: dict, what: str) -> str:
    """Prints each difference. What there is of them."""
    without_what_is_meant(shapes, differences)
    for pair, found in sorted(differences.items()):
        print(f"{pair}: {shapes[pair]}")
        different = list(dict.fromkeys(found))
        for difference in different[:SHOWN]:
            print(f"    {difference}")
        if len(different) > SHOWN:
            print(f"    and {len(different) - SHOWN} more, at other inputs")
    told = f"{len(shapes):,} {what}, {len(differences):,} differences"
    if differences:
        raise AssertionError(told)
    return told


def generated(pairs: int, *more: str) -> list[str]:
    return ["generate", "--seed", str(SEED), "--pairs", str(pairs), *more]


def compared(work: pathlib.Path, name: str, pairs: int) -> str:
    program = Program(work, name, *generated(pairs))
    shapes = dict(program.shapes)
    differences = collections.defaultdict(list)
    warned(program, uncompilable(program, differences), differences)
    ran(program, differences)
    for reason in BY_DESIGN:
        print(f"not combined: {reason}")
    return judged(shapes, differences, "pairs")


def check_plain_and_annotated(work: pathlib.Path) -> str:
    return compared(work, "all", PAIRS)


def check_large_arguments_in_release(work: pathlib.Path) -> str:
    """An optimized program copies no large argument once more."""
    program = Program(work, "large", *generated(PAIRS, "--only", "param:big"))
    shapes = dict(program.shapes)
    differences = collections.defaultdict(list)
    uncompilable(program, differences)
    ran(program, differences, "--release")
    return judged(shapes, differences, "pairs")


def check_warnings_are_the_same(work: pathlib.Path) -> str:
    """Functions that the compiler warns of: nothing is said more, and nothing less."""
    program = Program(work, "warned", "warned", root="lib")
    told = collections.defaultdict(set)
    differences = collections.defaultdict(list)
    shapes = dict(program.shapes)
    for message in uncompilable(program, differences, "check"):
        if place := program.place(message):
            name, twin, at = place
            told[name, twin].add((at, said(message)))
    for name, shape in program.shapes.items():
        plain, noted = told[name, "plain"], told[name, "noted"]
        if not plain:
            raise RuntimeError(f"nobody warns of {name}: {shape}")
        right = set() if name in program.silent else plain
        said_more = [f"more: {at[0]}:{at[1]}: {text}" for at, text in sorted(noted - right)]
        said_less = [f"less: {at[0]}:{at[1]}: {text}" for at, text in sorted(right - noted)]
        if said_more or said_less:
            differences[name] = said_more + said_less
    return judged(shapes, differences, "functions with warnings")

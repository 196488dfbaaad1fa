"""Writes, builds and tests a workspace of public crates with all or none of their functions annotated."""

import collections
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import tomllib

from . import expanding
from .parts import ROOT, clean_environment

# Seconds until a test program counts as hanging, with a margin for busy machines. A hang is a result as well.
LONGEST = 600
# Property tests try fewer inputs.
QUICKER = {"QUICKCHECK_TESTS": "20", "PROPTEST_CASES": "20"}


@dataclasses.dataclass(frozen=True)
class Crate:
    """A crate to fetch and build."""

    name: str
    version: str
    features: tuple = ("default",)
    # Development dependencies that are not needed or take too long to build.
    without: tuple = ()
    # Test files that are not built, with the reason.
    without_tests: dict = dataclasses.field(default_factory=dict)
    # Tests that are not run, with the reason.
    skip: dict = dataclasses.field(default_factory=dict)
    # Tests that assert that there is no span between two functions, which an attribute changes on purpose.
    between: tuple = ()


@dataclasses.dataclass
class Built:
    """The result of building a crate in one mode."""

    functions: list = dataclasses.field(default_factory=list)
    left_out: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    failing: dict = dataclasses.field(default_factory=dict)  # rustc's message by (file, line)
    errors: list = dataclasses.field(default_factory=list)  # outside of functions
    warnings: set = dataclasses.field(default_factory=set)
    tests: dict = dataclasses.field(default_factory=dict)  # executables by name
    units: set = dataclasses.field(default_factory=set)  # built crates, by name and hash
    expanded: dict = dataclasses.field(default_factory=dict)  # the expansion of each unit

    def annotated(self) -> set:
        return {function["place"] for function in self.functions}

    def compiled(self) -> set:
        """The annotated functions that `cfg` keeps in at least one unit."""
        return {place for unit in self.expanded.values() for place in unit.compiled}

    def misplaced(self) -> list:
        """Differences between annotated functions and sites: each unit must have one site per function."""
        failures = [f"`{unit}` was not expanded" for unit in sorted(self.units - self.expanded.keys())]
        failures += [f"{place} is compiled but not annotated" for place in sorted(self.compiled() - self.annotated())]
        for name, unit in sorted(self.expanded.items()):
            for place in sorted(unit.compiled.keys() | unit.sites.keys()):
                functions, sites = unit.compiled[place], unit.sites[place]
                if functions != sites:
                    failures.append(f"{place} in `{name}`: {functions} functions, {sites} sites")
        return failures


def cargo(arguments, folder, target, check=True, env=None):
    env = {**clean_environment(), "CARGO_TARGET_DIR": str(target), "CARGO_TERM_COLOR": "never", **(env or {})}
    done = subprocess.run(["cargo", *arguments], cwd=folder, env=env, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"cargo {' '.join(arguments)}: {done.stderr[-3000:]}")
    return done.stdout, done.stderr


def toml(value) -> str:
    """Writes a value as TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def write_manifest(path: pathlib.Path, content: dict):
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in content.items()))


def fetched(crates, folder: pathlib.Path) -> dict:
    """Lets cargo fetch the crates; returns their folders by name."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "lib.rs").write_text("")
    needed = {crate.name: {"version": f"={crate.version}", "default-features": False} for crate in crates}
    package = {"name": "fetched", "version": "0.0.0", "edition": "2024"}
    write_manifest(folder / "Cargo.toml", {"workspace": {}, "package": package, "dependencies": needed})
    host = re.search(r"host: (\S+)", subprocess.run(["rustc", "-vV"], capture_output=True, text=True).stdout)[1]
    metadata, _ = cargo(["metadata", "--format-version", "1", "--filter-platform", host], folder, folder / "target")
    packages = {(package["name"], package["version"]): package for package in json.loads(metadata)["packages"]}
    return {c.name: pathlib.Path(packages[c.name, c.version]["manifest_path"]).parent for c in crates}


@dataclasses.dataclass(frozen=True)
class Annotation:
    """How the functions of a workspace are annotated, and whether its tests turn telemetry on."""

    mode: str
    telemetry: bool = False


class Workspace:
    """Copies of the crates, either unchanged or annotated in one mode of the rewriter."""

    def __init__(self, folder, crates, sources, target, annotation=None):
        self.folder, self.crates, self.sources, self.target = folder, crates, sources, target
        self.name, self.annotation = folder.name, annotation
        self.built = {crate.name: Built() for crate in crates}
        folder.mkdir(parents=True)
        for crate in crates:
            self.write(crate)
        # Each package and mode has a separate path, because cargo distinguishes packages in one target folder by path.
        members = [self.of(crate).name for crate in crates]
        profile = {"dev": {"debug": False, "incremental": False}}
        write_manifest(folder / "Cargo.toml", {"workspace": {"resolver": "2", "members": members}, "profile": profile})
        # Prefer the versions of our lockfile.
        shutil.copy(ROOT / "Cargo.lock", folder / "Cargo.lock")

    def of(self, crate) -> pathlib.Path:
        return self.folder / f"{self.name}-{crate.name}"

    def write(self, crate):
        """Writes the crate again, with all functions annotated except those known not to compile."""
        folder = self.of(crate)
        shutil.rmtree(folder, ignore_errors=True)
        ignored = shutil.ignore_patterns("benches", "examples", "fuzz", "target", "Cargo.lock", "Cargo.toml.orig")
        shutil.copytree(self.sources[crate.name], folder, ignore=ignored)
        for file in crate.without_tests:
            (folder / file).unlink()
        manifest = tomllib.loads((folder / "Cargo.toml").read_text())
        self.adapt(crate, manifest)
        write_manifest(folder / "Cargo.toml", manifest)
        if self.annotation:
            self.annotate(crate, manifest)

    def adapt(self, crate, manifest):
        """Adapts the manifest. The plain crate depends on instrumental too, so that shared dependencies have the same features."""
        package = manifest["package"]
        for kind in ("bench", "example"):
            manifest.pop(kind, None)
            package[f"auto{kind}es" if kind == "bench" else f"auto{kind}s"] = False
        for kind in ("profile", "patch", "workspace"):
            manifest.pop(kind, None)
        if "test" in manifest:
            manifest["test"] = [test for test in manifest["test"] if test.get("path") not in crate.without_tests]
        for name in crate.without:
            for part in (manifest, *manifest.get("target", {}).values()):
                part.get("dev-dependencies", {}).pop(name, None)
        manifest["features"] = {**manifest.get("features", {}), "default": self.features(crate, manifest)}
        dependencies = manifest.setdefault("dependencies", {})
        dependencies["instrumental"] = {"path": str(ROOT / "runtime"), "default-features": False}
        if self.annotation and self.annotation.telemetry:
            dependencies["instrumental-tests-switch"] = {"path": str(ROOT / "tests" / "wholesale" / "switch")}

    @staticmethod
    def features(crate, manifest):
        own = manifest.get("features", {}).get("default", [])
        return [*(own if "default" in crate.features else []), *(f for f in crate.features if f != "default")]

    def annotate(self, crate, manifest):
        folder = self.of(crate)
        self.built[crate.name].functions = []
        self.built[crate.name].left_out.clear()
        script = manifest["package"].get("build", "build.rs")
        files = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.rs"))]
        scripts = [file for file in files if file == script]
        command = [str(own_target() / "debug" / "wholesale"), self.annotation.mode, str(folder)]
        if manifest["package"].get("edition", "2015") == "2015":
            roots = [file for file in files if re.fullmatch(r"src/(lib|main)\.rs|(src/bin|tests)/[^/]+\.rs", file)]
            files = [file for file in files if file not in roots]
            self.rewrite(crate, [*command, "--extern-crate"], roots)
        self.rewrite(crate, command, [file for file in files if file not in scripts])

    def rewrite(self, crate, command, files):
        built = self.built[crate.name]
        for file, line in built.failing:
            command += ["--leave-out", f"{file}:{line}"]
        if self.annotation and self.annotation.telemetry:
            command += ["--begin-tests", "let _telemetry = ::instrumental_tests_switch::on();"]
        done = subprocess.run([*command, *files], capture_output=True, text=True, check=True)
        report = json.loads(done.stdout)
        built.functions += report["functions"]
        for left in report["left_out"]:
            built.left_out[left["reason"]] += left["count"]
        if report["unread"]:
            built.left_out["in a file that does not parse as Rust"] += len(report["unread"])

    def build(self, passes=6):
        """Builds all crates, repeatedly leaving out the functions that do not compile."""
        for _ in range(passes):
            for built in self.built.values():
                # Cargo repeats the messages of fresh crates.
                for known in (built.errors, built.warnings, built.tests, built.units):
                    known.clear()
            again = self.build_once()
            if not again:
                break
            for crate in self.crates:
                if crate.name in again:
                    self.write(crate)
        for crate in self.crates:
            files = sorted((self.folder / "expanded" / crate.name).glob("*.json"))
            prefix = f"{self.of(crate).name}/"
            self.built[crate.name].expanded = {file.stem: expanding.load(file, prefix) for file in files}

    def build_once(self) -> set:
        arguments = ["build", "--workspace", "--lib", "--bins", "--tests", "--keep-going", "--message-format", "json"]
        env = {}
        if self.annotation:
            env["RUSTC_WORKSPACE_WRAPPER"] = expanding.__file__
            env[expanding.FOLDER] = str(self.folder / "expanded")
        out, err = cargo(arguments, self.folder, self.target, check=False, env=env)
        again, messages = set(), [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        if not messages:
            raise RuntimeError(f"cargo build: {err[-3000:]}")
        names = {str(self.of(crate)): crate.name for crate in self.crates}
        for message in messages:
            name = names.get(str(pathlib.Path(message.get("manifest_path", "/")).parent))
            if name and message["reason"] == "compiler-artifact":
                self.artifact(name, message)
            elif name and message["reason"] == "compiler-message" and self.diagnostic(name, message["message"]):
                again.add(name)
        return again

    def artifact(self, name, message):
        built = self.built[name]
        if message["executable"] and message["profile"]["test"]:
            built.tests[f"{message['target']['kind'][0]} {message['target']['name']}"] = message["executable"]
        if self.annotation and "custom-build" not in message["target"]["kind"]:
            files = [pathlib.Path(file) for file in message["filenames"]]
            # Cargo also links a program under its name without the hash.
            hashed = (file for file in files if file.parent.name == "deps" and file.suffix != ".rmeta")
            built.units.update(re.sub("^lib", "", file.stem) if file.suffix else file.name for file in hashed)

    def diagnostic(self, name, message) -> bool:
        """Records a warning or an error; returns whether it is an error in a function that had not failed before."""
        built, prefix = self.built[name], f"{self.name}-{name}/"
        places = sorted(spans_of(message), key=lambda span: not span["is_primary"])
        places = [(span["file_name"].removeprefix(prefix), span) for span in places if prefix in span["file_name"]]
        where = f"{places[0][0]}:{places[0][1]['line_start']}" if places else ""
        code = (message["code"] or {}).get("code")
        if message["level"] == "warning" and (places or code):
            built.warnings.add((code, message["message"], where))
        if not message["level"].startswith("error") or message["message"].startswith("aborting due to"):
            return False
        for file, span in places:
            function = innermost(built.functions, file, span)
            if function:
                key = file, function["line"]
                known = key in built.failing
                built.failing.setdefault(key, (function["name"], message["rendered"]))
                return not known
        built.errors.append(message["rendered"])
        return False


def spans_of(message):
    """Yields the spans of a message and the macro calls that they come from."""
    for span in message["spans"]:
        while span:
            yield span
            span = span["expansion"] and {**span["expansion"]["span"], "is_primary": span["is_primary"]}


def innermost(functions, file, span):
    around = [
        function
        for function in functions
        if function["file"] == file
        and function["lines"][0] <= span["line_start"]
        and span["line_end"] <= function["lines"][1]
    ]
    return min(around, key=lambda function: function["lines"][1] - function["lines"][0], default=None)


def run(executable: str, crate: Crate, folder: pathlib.Path, env=None) -> dict:
    """Runs a test program; returns the result of each test and how the program ended."""
    env = {**clean_environment(), "CARGO_MANIFEST_DIR": str(folder), "RUST_BACKTRACE": "0", **QUICKER, **(env or {})}
    skipped = [word for name in (*crate.skip, *crate.between) for word in ("--skip", name)]
    try:
        done = subprocess.run(
            [executable, *skipped], cwd=folder, env=env, capture_output=True, timeout=LONGEST, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return {"(the program)": f"hung for {LONGEST} s"}
    text = done.stdout.decode(errors="replace")
    results = dict(re.findall(r"^test (.+?) \.\.\. .*?(ok|FAILED|ignored)\b[^\n]*$", text, re.M))
    # The summary also counts tests whose line is mixed with output, and ignored and filtered ones.
    counts = re.findall(r"^test result: \w+\. (.*?); finished", text, re.M)
    return {**results, "(the program)": f"ended with {done.returncode}", "(the counts)": "; ".join(counts)}


def count(results: dict) -> collections.Counter:
    """Counts the tests by result."""
    return collections.Counter(how for name, how in results.items() if not name.startswith("(the "))


def changes(results: dict, plain: dict) -> dict:
    """The tests with different results: the new and the plain result of each."""
    names = results.keys() | plain.keys()
    return {n: (results.get(n), plain.get(n)) for n in sorted(names) if results.get(n) != plain.get(n)}


def own_target() -> pathlib.Path:
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

"""A workspace of public crates, each function of them annotated or none: it is written, built, and its tests are run."""

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

# Seconds until a test counts as hanging, on a machine that is busy with more than this. That is a result as well.
LONGEST = 600
# Tests by random input try fewer of them.
QUICKER = {"QUICKCHECK_TESTS": "20", "PROPTEST_CASES": "20"}


@dataclasses.dataclass(frozen=True)
class Crate:
    """What is fetched, and what of it is built."""

    name: str
    version: str
    features: tuple = ("default",)
    # Development dependencies of what is not built, or that build for too long.
    without: tuple = ()
    # Files of tests that are not built, and why.
    without_tests: dict = dataclasses.field(default_factory=dict)
    # Tests that are not run, and why.
    skip: dict = dataclasses.field(default_factory=dict)
    # Tests that assert what an attribute changes on purpose: that no span stands between two functions.
    between: tuple = ()


@dataclasses.dataclass
class Built:
    """What became of a crate in one mode."""

    functions: list = dataclasses.field(default_factory=list)
    left_out: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    failing: dict = dataclasses.field(default_factory=dict)  # first line by (file, line): what rustc says
    errors: list = dataclasses.field(default_factory=list)  # that belong to no function
    warnings: set = dataclasses.field(default_factory=set)
    tests: dict = dataclasses.field(default_factory=dict)  # executables by their name
    units: set = dataclasses.field(default_factory=set)  # what rustc has built, by its name and hash
    expanded: dict = dataclasses.field(default_factory=dict)  # what each of these is expanded to

    def annotated(self) -> set:
        return {function["place"] for function in self.functions}

    def compiled(self) -> set:
        """The annotated functions that `cfg` leaves in at least one of the units."""
        return {place for unit in self.expanded.values() for place in unit.compiled}

    def misplaced(self) -> list:
        """Differences between the compiled functions that are annotated and the sites: each unit has one site per function."""
        faults = [f"`{unit}` was not expanded" for unit in sorted(self.units - self.expanded.keys())]
        faults += [f"{place} is compiled but not annotated" for place in sorted(self.compiled() - self.annotated())]
        for name, unit in sorted(self.expanded.items()):
            for place in sorted(unit.compiled.keys() | unit.sites.keys()):
                functions, sites = unit.compiled[place], unit.sites[place]
                if functions != sites:
                    faults.append(f"{place} in `{name}`: {functions} functions, {sites} sites")
        return faults


def cargo(arguments, folder, target, check=True, env=None):
    env = {**clean_environment(), "CARGO_TARGET_DIR": str(target), "CARGO_TERM_COLOR": "never", **(env or {})}
    done = subprocess.run(["cargo", *arguments], cwd=folder, env=env, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"cargo {' '.join(arguments)}: {done.stderr[-3000:]}")
    return done.stdout, done.stderr


def toml(value) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def write_manifest(path: pathlib.Path, content: dict):
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in content.items()))


def fetched(crates, folder: pathlib.Path) -> dict:
    """Has cargo fetch the crates; their folders by name."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "lib.rs").write_text("")
    needed = {crate.name: {"version": f"={crate.version}", "default-features": False} for crate in crates}
    package = {"name": "fetched", "version": "0.0.0", "edition": "2024"}
    write_manifest(folder / "Cargo.toml", {"workspace": {}, "package": package, "dependencies": needed})
    host = re.search(r"host: (\S+)", subprocess.run(["rustc", "-vV"], capture_output=True, text=True).stdout)[1]
    told, _ = cargo(["metadata", "--format-version", "1", "--filter-platform", host], folder, folder / "target")
    packages = {(package["name"], package["version"]): package for package in json.loads(told)["packages"]}
    return {c.name: pathlib.Path(packages[c.name, c.version]["manifest_path"]).parent for c in crates}


class Workspace:
    """Copies of the crates, as they are or in one mode of the rewriter; perhaps with telemetry on in their tests."""

    def __init__(self, folder, crates, sources, target, mode=None, on=False):
        self.folder, self.crates, self.sources, self.target = folder, crates, sources, target
        self.name, self.mode, self.on = folder.name, mode, on
        self.built = {crate.name: Built() for crate in crates}
        folder.mkdir(parents=True)
        for crate in crates:
            self.write(crate)
        # A path of its own for each package and mode: cargo tells the packages of one target folder apart by it.
        members = [self.of(crate).name for crate in crates]
        profile = {"dev": {"debug": False, "incremental": False}}
        write_manifest(folder / "Cargo.toml", {"workspace": {"resolver": "2", "members": members}, "profile": profile})
        # The project's own versions where they fit.
        shutil.copy(ROOT / "Cargo.lock", folder / "Cargo.lock")

    def of(self, crate) -> pathlib.Path:
        return self.folder / f"{self.name}-{crate.name}"

    def write(self, crate):
        """Writes the crate anew, its functions annotated but those that are known not to compile."""
        folder = self.of(crate)
        shutil.rmtree(folder, ignore_errors=True)
        ignored = shutil.ignore_patterns("benches", "examples", "fuzz", "target", "Cargo.lock", "Cargo.toml.orig")
        shutil.copytree(self.sources[crate.name], folder, ignore=ignored)
        for file in crate.without_tests:
            (folder / file).unlink()
        manifest = tomllib.loads((folder / "Cargo.toml").read_text())
        self.adapt(crate, manifest)
        write_manifest(folder / "Cargo.toml", manifest)
        if self.mode:
            self.annotate(crate, manifest)

    def adapt(self, crate, manifest):
        """The plain crate depends on instrumental too, so that both are built with the same features of what they share."""
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
        if self.on:
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
        command = [str(own_target() / "debug" / "wholesale"), self.mode, str(folder)]
        if manifest["package"].get("edition", "2015") == "2015":
            roots = [file for file in files if re.fullmatch(r"src/(lib|main)\.rs|(src/bin|tests)/[^/]+\.rs", file)]
            files = [file for file in files if file not in roots]
            self.rewrite(crate, [*command, "--extern-crate"], roots)
        self.rewrite(crate, command, [file for file in files if file not in scripts])

    def rewrite(self, crate, command, files):
        built = self.built[crate.name]
        for file, line in built.failing:
            command += ["--leave-out", f"{file}:{line}"]
        if self.on:
            command += ["--begin-tests", "let _telemetry = ::instrumental_tests_switch::on();"]
        done = subprocess.run([*command, *files], capture_output=True, text=True, check=True)
        report = json.loads(done.stdout)
        built.functions += report["functions"]
        for left in report["left_out"]:
            built.left_out[left["reason"]] += left["count"]
        if report["unread"]:
            built.left_out["in a file that is no Rust by itself"] += len(report["unread"])

    def build(self, passes=6):
        """Builds all, and again without the functions that do not compile, until the rest does."""
        for _ in range(passes):
            for built in self.built.values():
                # Cargo says again what it knows of what is not built again.
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
        if self.mode:
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
        if self.mode and "custom-build" not in message["target"]["kind"]:
            files = [pathlib.Path(file) for file in message["filenames"]]
            # Cargo also links a program under its name without the hash.
            hashed = (file for file in files if file.parent.name == "deps" and file.suffix != ".rmeta")
            built.units.update(re.sub("^lib", "", file.stem) if file.suffix else file.name for file in hashed)

    def diagnostic(self, name, message) -> bool:
        """Notes a warning or an error. Whether an error is one of a function that had not failed yet."""
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
    """The spans of a message, and those of the macros' calls that they come from."""
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
    """Runs tests; the result of each by its name, and how the program ended."""
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
    # The summary also counts the tests whose line was mixed with output, and those ignored or filtered out.
    counts = re.findall(r"^test result: \w+\. (.*?); finished", text, re.M)
    return {**results, "(the program)": f"ended with {done.returncode}", "(the counts)": "; ".join(counts)}


def count(results: dict) -> collections.Counter:
    """How many tests have ended in which way."""
    return collections.Counter(how for name, how in results.items() if not name.startswith("(the "))


def unlike(results: dict, plain: dict) -> dict:
    """What ended otherwise: what it is and what it was."""
    names = results.keys() | plain.keys()
    return {n: (results.get(n), plain.get(n)) for n in sorted(names) if results.get(n) != plain.get(n)}


def own_target() -> pathlib.Path:
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

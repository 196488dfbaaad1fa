#!/usr/bin/env python3
"""Lists the compiled functions of a crate and those with a site, from rustc's expansion.

Run as cargo's `RUSTC_WORKSPACE_WRAPPER`, it compiles a crate, expands the same crate again and writes both lists to the
folder named by `WHOLESALE_EXPANDED`. Functions removed by `cfg` are not in an expansion.
"""

import collections
import dataclasses
import json
import os
import pathlib
import posixpath
import re
import subprocess
import sys

FOLDER = "WHOLESALE_EXPANDED"
# The rewriter's mark of an annotated function: its file and line.
MARK = re.compile(r'#\[allow\(clippy::wholesale,\s*reason\s*=\s*"([^"]+)"\)\]')
# The expansion of `site!`.
SITE = re.compile(
    r'static\s+__INSTRUMENTAL_SITE\b.*?\bname:\s*"([^"]+)".*?\bfile:\s*"([^"]+)",\s*line:\s*(\d+)u32', re.DOTALL
)


@dataclasses.dataclass
class Expanded:
    """How often each function of one crate is compiled and how often it has a site, by `file:line:name`."""

    compiled: collections.Counter
    sites: collections.Counter


def read(text: str) -> dict:
    sites = (f"{posixpath.normpath(file)}:{line}:{name.removeprefix('r#')}" for name, file, line in SITE.findall(text))
    return {"compiled": collections.Counter(MARK.findall(text)), "sites": collections.Counter(sites)}


def load(file: pathlib.Path, prefix: str) -> Expanded:
    """Reads a list written by the wrapper and strips the prefix from its paths."""
    found = json.loads(file.read_text())
    sites = {place.removeprefix(prefix): count for place, count in found["sites"].items()}
    return Expanded(collections.Counter(found["compiled"]), collections.Counter(sites))


def option(arguments, key: str) -> str:
    """The value of `-C key=value`."""
    return next((word.removeprefix(f"{key}=") for word in arguments if word.startswith(f"{key}=")), "")


def main() -> int:
    rustc, *arguments = sys.argv[1:]
    done = subprocess.run([rustc, *arguments])
    folder = os.environ.get(FOLDER)
    if done.returncode != 0 or not folder or "--crate-name" not in arguments:
        return done.returncode
    name = arguments[arguments.index("--crate-name") + 1]
    if name in ("___", "build_script_build"):
        return 0
    # Without `--emit`, the dep-info file is not overwritten.
    given = [word for word in arguments if not word.startswith("--emit")]
    # Only this run allows an unstable option; the crate is already compiled.
    expansion = subprocess.run(
        [rustc, *given, "-Zunpretty=expanded"],
        env={**os.environ, "RUSTC_BOOTSTRAP": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if expansion.returncode == 0:
        found = json.dumps(read(expansion.stdout.decode()))
        package = pathlib.Path(folder) / os.environ["CARGO_PKG_NAME"]
        package.mkdir(parents=True, exist_ok=True)
        (package / f"{name}{option(arguments, 'extra-filename')}.json").write_text(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())

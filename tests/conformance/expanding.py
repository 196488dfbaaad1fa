#!/usr/bin/env python3
"""The functions of a crate that are compiled, and those that have a site, read from what rustc expands.

As a program it is cargo's `RUSTC_WORKSPACE_WRAPPER`: it compiles, then expands the same crate once more, and writes both
lists to the folder that `WHOLESALE_EXPANDED` names. An expansion has no function that `cfg` removes.
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
# The rewriter's mark of an annotated function: its file, and the line of its name.
MARK = re.compile(r'#\[allow\(clippy::wholesale,\s*reason\s*=\s*"([^"]+)"\)\]')
# What `site!` expands to.
SITE = re.compile(
    r'static\s+__INSTRUMENTAL_SITE\b.*?\bname:\s*"([^"]+)".*?\bfile:\s*"([^"]+)",\s*line:\s*(\d+)u32', re.DOTALL
)


@dataclasses.dataclass
class Expanded:
    """How often each function of one crate is compiled, and has a site, by `file:line:name`."""

    compiled: collections.Counter
    sites: collections.Counter


def read(text: str) -> dict:
    sites = (f"{posixpath.normpath(file)}:{line}:{name.removeprefix('r#')}" for name, file, line in SITE.findall(text))
    return {"compiled": collections.Counter(MARK.findall(text)), "sites": collections.Counter(sites)}


def load(file: pathlib.Path, prefix: str) -> Expanded:
    """What the wrapper has written of a crate whose files are below the prefix."""
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
    # Without `--emit`, the file that lists the sources is left as it is.
    given = [word for word in arguments if not word.startswith("--emit")]
    # Only this run accepts an unstable option: the crate has been compiled without.
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

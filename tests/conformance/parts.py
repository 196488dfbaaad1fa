"""Starts and ends the real components and the marketplace."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(work: pathlib.Path, name: str) -> str:
    """The path of a program in the virtual environment."""
    return str(work / "venv" / "bin" / name)


@contextlib.contextmanager
def started(command, folder: pathlib.Path, env=None, ready=None, within=60):
    """Runs a component until the block ends, after waiting for `ready` to return true."""
    folder.mkdir(parents=True, exist_ok=True)
    log = open(folder / "log", "wb")
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **(env or {})}, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        wait_for(lambda: process.poll() is not None or ready is None or ready(), within, f"{command[0]} to start")
        if process.poll() is not None:
            raise RuntimeError(f"{command[0]} ended: {(folder / 'log').read_text(errors='replace')[-2000:]}")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def wait_for(condition, within: float, what: str):
    """Waits until the condition is true and returns its value."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {within} s for {what}")
        time.sleep(0.1)


def get(url: str, headers=None) -> bytes:
    request = urllib.request.Request(url, headers=headers or {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def answers(url: str):
    def is_up() -> bool:
        try:
            get(url)
            return True
        except urllib.error.HTTPError:
            return True
        except (urllib.error.URLError, OSError):
            return False

    return is_up


def fresh(work: pathlib.Path, name: str) -> pathlib.Path:
    """An empty folder."""
    import shutil

    folder = work / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def marketplace_binary() -> str:
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "debug" / "marketplace")


def clean_environment() -> dict:
    """The environment without variables that would turn on other backends."""
    return {k: v for k, v in os.environ.items() if not re.match("DD_|OTEL_|SENTRY_|LOG_|PROMETHEUS_|RUST_LOG", k)}


def traffic(folder: pathlib.Path, env: dict, seconds=3, arguments=()):
    """Runs the marketplace with traffic; returns the totals of the traffic by name, and the log."""
    command = [marketplace_binary(), "--traffic", "--duration", str(seconds), *arguments]
    env = {**clean_environment(), "LOG_FORMAT": "json", "DD_VERSION": "1.2.3", "DD_ENV": "conformance", **env}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    (folder / "marketplace.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise RuntimeError(f"the marketplace ended with {done.returncode}: {done.stderr[-2000:]}")
    totals = re.search(r"^traffic: (.*)$", done.stdout, re.M)
    if not totals:
        raise RuntimeError(f"no totals in {done.stdout[-500:]}")
    pairs = (pair.split("=") for pair in totals[1].split())
    counts = {name: int(count) for name, count in pairs}
    if counts["payments_released"] == 0:
        raise RuntimeError("the traffic released no payment: nothing can be compared")
    return counts, done.stdout


def same(what: str, seen, expected):
    if seen != expected:
        raise AssertionError(f"{what}: {seen!r}, expected {expected!r}")


def library_folder() -> str:
    return sysconfig.get_config_var("LIBDIR")

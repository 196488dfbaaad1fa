"""The live view in a real browser, and profiles of the running service."""

import html
import os
import re
import subprocess

from .parts import clean_environment, free_port, fresh, get, marketplace_binary, wait_for


def go(work) -> str:
    """The path of Go, which is installed from PyPI."""
    found = list((work / "venv" / "lib").glob("python*/site-packages/go/bin/go"))
    assert found, "no go in the virtual environment"
    return str(found[0])


def check_view_and_profiles(work):
    folder = fresh(work, "live")
    port = free_port()
    env = {**clean_environment(), "INSTRUMENTAL_LIVE": str(port), "TRACE_TREE": "false"}
    log = open(folder / "marketplace.log", "wb")
    command = [marketplace_binary(), "--port", "0", "--traffic", "--duration", "40", "--requests-per-second", "30"]
    service = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"

        def traced():
            try:
                return b"payment.released" in get(f"{url}/live.json")
            except OSError:
                return False

        wait_for(traced, 30, "a payment in the live view")
        browser = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        browser += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        browser += [f"--user-data-dir={folder / 'browser'}", "--virtual-time-budget=4000", "--dump-dom", f"{url}/"]
        done = subprocess.run(browser, capture_output=True, text=True, timeout=120, env={**os.environ, "HOME": str(folder)})
        page = html.unescape(done.stdout)
        rows = re.findall(r'<span class="what[^"]*">([^<]*)</span>', page)
        assert any(row.startswith("POST /jobs") for row in rows), f"{len(rows)} rows: {rows[:5]} {done.stderr[-500:]}"
        assert ">live</span>" in page, "the page is not marked as live"
        flames = get(f"{url}/debug/flamegraph?seconds=2&frequency=200").decode()
        assert flames.startswith("<?xml") and "marketplace" in flames, flames[:200]
        profile = get(f"{url}/debug/pprof/profile?seconds=1&frequency=200")
        (folder / "profile.pb").write_bytes(profile)
        # Go's own tool opens it.
        read = [go(work), "tool", "pprof", "-top", str(folder / "profile.pb")]
        # The first run builds the tool.
        env = {**os.environ, "HOME": str(folder), "GOCACHE": str(work / "go"), "GOFLAGS": "-mod=mod", "GOPROXY": "off"}
        top = subprocess.run(read, capture_output=True, text=True, timeout=400, env=env)
        samples = re.findall(r"^\s*\S+\s+[\d.]+%", top.stdout, re.M)
        assert top.returncode == 0 and "Type: " in top.stdout and samples, top.stdout[:500] + top.stderr[-500:]
    finally:
        service.terminate()
        service.wait()
        log.close()
    return f"{len(rows)} rows, {flames.count('<rect')} flames"

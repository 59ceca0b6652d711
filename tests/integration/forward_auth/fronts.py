"""The configurations of deploy/forward-auth, started as they are but for addresses and certificates."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.chromium import PROTECTED_HOST
from tests.fakes.secret_scan import SECRETS
from tests.integration.forward_auth.binaries import find
from tests.integration.forward_auth.certificate import Certificate

HOST = PROTECTED_HOST
SHIPPED = Path(__file__).resolve().parents[3] / "deploy/forward-auth"


@dataclass(frozen=True)
class Front:
    """A running proxy."""

    name: str
    port: int

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"


@dataclass(frozen=True)
class Behind:
    """Host and port of what stands behind the proxy."""

    gateway: str
    app: str


Start = Callable[[Path, int, Behind, Certificate], list[str]]


def rendered(source: str, changes: Mapping[str, str]) -> str:
    """A shipped file with our addresses; each of `changes` must be in it."""
    text = (SHIPPED / source).read_text()
    for shipped, ours in changes.items():
        assert shipped in text, f"{source} lacks {shipped}"
        text = text.replace(shipped, ours)
    return text


def nginx(folder: Path, port: int, behind: Behind, certificate: Certificate) -> list[str]:
    changes = {
        "app:9000": behind.app,
        "gateway:8080": behind.gateway,
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/app.example.com.crt": str(certificate.chain),
        "/etc/ssl/app.example.com.key": str(certificate.key),
    }
    (folder / "app.conf").write_text(rendered("nginx/app.conf", changes))
    own = [f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {' '.join(own)} include {folder}/app.conf; }}\n"
    )
    return ["-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def haproxy(folder: Path, port: int, behind: Behind, certificate: Certificate) -> list[str]:
    changes = {
        "app:9000": behind.app,
        "gateway:8080": behind.gateway,
        "bind :443": f"bind 127.0.0.1:{port}",
        "/etc/haproxy/app.example.com.pem": str(certificate.both),
        "/etc/haproxy/countersign.lua": str(SHIPPED / "haproxy/countersign.lua"),
    }
    (folder / "haproxy.cfg").write_text(rendered("haproxy/haproxy.cfg", changes))
    return ["-db", "-f", str(folder / "haproxy.cfg")]


def caddy(folder: Path, port: int, behind: Behind, certificate: Certificate) -> list[str]:
    changes = {
        "app:9000": behind.app,
        "gateway:8080": behind.gateway,
        "app.example.com {": f"app.example.com:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate.chain} {certificate.key}",
    }
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n\tpersist_config off\n}\n"
    (folder / "Caddyfile").write_text(options + rendered("caddy/Caddyfile", changes))
    return ["run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def envoy(folder: Path, port: int, behind: Behind, certificate: Certificate) -> list[str]:
    def reached(at: str) -> str:
        return "{{address: {}, port_value: {}}}".format(*at.split(":"))

    changes = {
        reached("0.0.0.0:443"): reached(f"127.0.0.1:{port}"),
        reached("app:9000"): reached(behind.app),
        reached("gateway:8080"): reached(behind.gateway),
        "http://gateway:8080": f"http://{behind.gateway}",
        "/etc/envoy/app.example.com.crt": str(certificate.chain),
        "/etc/envoy/app.example.com.key": str(certificate.key),
    }
    (folder / "envoy.yaml").write_text(rendered("envoy/envoy.yaml", changes))
    own = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]
    return ["-c", str(folder / "envoy.yaml"), *own]


STARTS: Mapping[str, Start] = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy, "envoy": envoy}


@contextmanager
def fronted(name: str, folder: Path, port: int, behind: Behind, certificate: Certificate) -> Iterator[Front]:
    """The proxy of this name, until the block ends; skips the test if it cannot be had."""
    program = find(name)
    if program is None:
        pytest.skip(f"{name} is not installed, and cannot be installed here")
    arguments = STARTS[name](folder, port, behind, certificate)
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], stdout=log, stderr=log, env=environment, cwd=folder)
    try:
        _wait(process, port, folder / "log")
        yield Front(name, port)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
    SECRETS.require_clean({name: (folder / "log").read_text(errors="replace")})


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    give_up = time.monotonic() + 15
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"it did not start:\n{log.read_text(errors='replace')[-3000:]}")

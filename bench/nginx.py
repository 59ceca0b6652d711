"""Bar 1, where it is used: a request to nginx, which asks the gateway, beside one for which it asks a bare aiohttp."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from bench.check import SESSIONS
from bench.gateway_alone import gateway_alone
from bench.load import Load, cycle, get
from bench.processes import Server, answers_at, pin, serving
from bench.rounds import Case, Findings, Plan, Tell, beside_floor, measure, steps
from tools.devstack.free_port import free_port

OK = frozenset({200})
PATHS = 20
CASES = ("nginx and aiohttp 204", "nginx and check")
PLACE = """
upstream {name} {{ server {address}; keepalive 32; }}
"""
SERVER = """
server {{
    listen 127.0.0.1:{port};
    server_name {name};
    location / {{
        auth_request /_asked;
        auth_request_set $user $upstream_http_countersign_user;
        auth_request_set $assertion $upstream_http_countersign_assertion;
        root {folder}/files;
        try_files /page =404;
    }}
    location = /_asked {{
        internal;
        proxy_pass http://{name}/authz/auth-request;
        proxy_pass_request_body off;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Content-Length "";
        proxy_set_header X-Original-Method $request_method;
        proxy_set_header X-Original-URI $request_uri;
        proxy_set_header X-Original-Host app.example;
        proxy_set_header X-Original-Proto https;
    }}
}}
"""


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return steps(len(CASES), plan)


def run(plan: Plan, tell: Tell) -> Findings:
    """Both through one nginx; who is asked stands on the first core, nginx and the driver on the last."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        return Findings("nginx", [], [], ["not measured: there is no nginx here (Debian: apt install nginx-light)"])
    with gateway_alone() as alone, ExitStack() as stack:
        port = free_port()
        floor = stack.enter_context(serving("bench.floors", "nothing", str(port), port=port))
        pin(0, -1)
        bare, ours = stack.enter_context(_nginx(program, floor, alone.gateway))
        tokens = alone.tokens(SESSIONS)
        asked = [
            get(f"/app/things/{path}?page=1", {"Authorization": f"Bearer {token}", "User-Agent": "bench"})
            for token in tokens
            for path in range(PATHS)
        ]
        cases = [
            Case(CASES[0], [bare.process, floor.process], lambda: Load(bare.url, cycle(asked)), OK),
            Case(CASES[1], [ours.process, alone.gateway.process], lambda: Load(ours.url, cycle(asked)), OK),
        ]
        rows = measure(cases, plan, tell)
    what = "behind nginx: CPU with a bare aiohttp 204 / with the check"
    verdicts = beside_floor(1, what, rows[CASES[1]], rows[CASES[0]], 0.8)
    notes = [
        "CPU of nginx and of whom it asks, together; nginx serves a small file once it may",
        "nginx and the driver share a core, which is full before that of whom it asks: look at the CPU first",
    ]
    return Findings("nginx", list(rows.values()), verdicts, notes)


@contextmanager
def _nginx(program: str, floor: Server, gateway: Server) -> Iterator[tuple[Server, Server]]:
    """One nginx with a port for each of the two that it asks."""
    with tempfile.TemporaryDirectory(prefix="cs-bench-", ignore_cleanup_errors=True) as name:
        folder, ports = Path(name), (free_port(), free_port())
        folder.chmod(0o755)
        (folder / "files").mkdir()
        (folder / "files" / "page").write_text("hello")
        parts = [
            PLACE.format(name=each, address=server.url.removeprefix("http://"))
            + SERVER.format(name=each, port=port, folder=folder)
            for each, server, port in (("floor", floor, ports[0]), ("gateway", gateway, ports[1]))
        ]
        temporary = " ".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log stderr crit; events {{}}\n"
            f"http {{ access_log off; keepalive_requests 1000000; {temporary} {''.join(parts)} }}\n"
        )
        process = subprocess.Popen(
            [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
        )
        try:
            pin(process.pid, -1)
            seen = psutil.Process(process.pid)
            servers = [Server(f"http://127.0.0.1:{port}", seen) for port in ports]
            for server in servers:
                answers_at(process, server.url)
            yield servers[0], servers[1]
        finally:
            process.terminate()
            process.wait(10)

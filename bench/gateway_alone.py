"""The gateway with what its hot path stands on, and no more: Valkey, keys over HTTP, an upstream."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Server, serving
from tools import secrets
from tools.devstack.engines import start_valkey
from tools.devstack.free_port import free_port

PUBLIC = "http://127.0.0.1"
POLICY = """
[[route]]
prefix = "/app"
upstream = "{upstream}"
name = "app"
require = "aal2"
"""


@dataclass(frozen=True)
class Alone:
    """Where everything answers."""

    gateway: Server
    upstream: Server
    issuer: Server
    valkey_url: str

    def tokens(self, count: int) -> list[str]:
        """So many sessions."""
        request = urllib.request.Request(f"{self.issuer.url}/tokens?count={count}", method="POST")
        with urllib.request.urlopen(request, timeout=120) as answer:
            found: list[str] = json.load(answer)
        return found


@contextmanager
def gateway_alone(settings: Mapping[str, str] | None = None) -> Iterator[Alone]:
    """Started on core 0; the upstream and the driver share the last one."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cs-bench-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)
        valkey = start_valkey(folder / "valkey", durable=False)
        stack.callback(valkey.stop)
        issuer_port, upstream_port, port = free_port(), free_port(), free_port()
        issuer = stack.enter_context(serving("bench.issuer", str(issuer_port), PUBLIC, port=issuer_port, core=-1))
        upstream = stack.enter_context(
            serving("bench.floors", "hello", str(upstream_port), port=upstream_port, core=-1)
        )
        valkey_url = f"redis://127.0.0.1:{valkey.port}/0"
        (folder / "policy.toml").write_text(POLICY.format(upstream=upstream.url))
        given = {
            "PORT": str(port),
            "PUBLIC_URL": PUBLIC,
            "REDIS_URL": valkey_url,
            "AUTH_URL": issuer.url,
            "TWOFACTOR_URL": issuer.url,
            "ASSERTION_KEY": secrets.compose_secrets()["gateway_assertion_key"],
            "POLICY_FILE": str(folder / "policy.toml"),
            "FORWARD_AUTH_PROXIES": "127.0.0.0/8",
            "LOG_FORMAT": "json",
            **(settings or {}),
        }
        environment = {f"COUNTERSIGN_{name}": value for name, value in given.items()}
        gateway = stack.enter_context(serving("gateway", port=port, ready="/readyz", settings=environment))
        yield Alone(gateway, upstream, issuer, valkey_url)

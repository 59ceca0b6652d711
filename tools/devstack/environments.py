"""What each process of the embedded stack is told, and what must outlive a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import secrets
from tools.authy_simulator import API_KEY
from tools.devstack.engines import ROOT, Postgres

SIMULATED = {"AUTHY_API_KEY": API_KEY, "PLACES": "127.0.0.0/8=This computer; ::1/128=This computer"}
# One machine plays everybody who ever registers or signs in.
EVERYBODY_IS_HERE = {"REGISTRATIONS_NETWORK": "100000", "REGISTRATIONS": "100000", "CHALLENGES_NETWORK": "100000"}


@dataclass(frozen=True)
class Ports:
    """Where each process listens on 127.0.0.1."""

    gateway: int
    simulator: int
    auth: int
    twofactor: int
    upstream: int
    metrics: Mapping[str, int]

    def url(self, port: int) -> str:
        """The address of one of them."""
        return f"http://127.0.0.1:{port}"


def environments(
    ports: Ports, data: Path, postgres: Postgres, stores: Mapping[str, str], changed: Mapping[str, str]
) -> dict[str, Mapping[str, str]]:
    """By process name; `stores` are the addresses of Valkey by user, `changed` settings that every process gets."""
    kept = kept_secrets(data / "secrets")
    peers = {
        "AUTH_URL": ports.url(ports.auth),
        "TWOFACTOR_URL": ports.url(ports.twofactor),
        "PUBLIC_URL": ports.url(ports.gateway),
        "LOG_FORMAT": "json",
        "SERVICE_NAME": "Countersign demo",
        **EVERYBODY_IS_HERE,
    }
    own = {
        "auth": {
            "PORT": str(ports.auth),
            "DATABASE_URL": postgres.url("auth"),
            "REDIS_URL": stores["auth"],
            "KEY_ENCRYPTION_KEY": kept["auth_key_encryption_key"],
            "SERVICE_CLIENTS": kept["service_clients"],
        },
        "twofactor": {
            "PORT": str(ports.twofactor),
            "DATABASE_URL": postgres.url("twofactor"),
            "REDIS_URL": stores["twofactor"],
            "KEY_ENCRYPTION_KEY": kept["twofactor_key_encryption_key"],
            "AUTHY_URL": ports.url(ports.simulator),
            **SIMULATED,
        },
        "gateway": {
            "PORT": str(ports.gateway),
            "REDIS_URL": stores["gateway"],
            "ASSERTION_KEY": kept["gateway_assertion_key"],
            "POLICY_FILE": str(_policy(ports, data)),
        },
    }
    return {
        name: {f"COUNTERSIGN_{key}": value for key, value in {**peers, **settings, **changed}.items()}
        for name, settings in _with_metrics(own, ports).items()
    }


def _with_metrics(own: Mapping[str, Mapping[str, str]], ports: Ports) -> dict[str, Mapping[str, str]]:
    return {name: {**settings, "METRICS_PORT": str(ports.metrics[name])} for name, settings in own.items()}


def kept_secrets(folder: Path) -> dict[str, str]:
    """What must outlive a run, or the keys sealed in the database would be lost with it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    names = ("auth_key_encryption_key", "twofactor_key_encryption_key", "gateway_assertion_key", "service_clients")
    fresh = secrets.compose_secrets()
    for name in names:
        secrets.write_once(folder / name, fresh[name])
    return {name: (folder / name).read_text() for name in names}


def _policy(ports: Ports, data: Path) -> Path:
    """The shipped policy, with the demo upstream where it listens here."""
    path = data / "policy.toml"
    shipped = (ROOT / "deploy/policy/policy.toml").read_text()
    path.write_text(shipped.replace("http://demo-upstream:8091", ports.url(ports.upstream)))
    return path

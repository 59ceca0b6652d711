"""What operators run: the compose file, the images, the secrets."""

import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.reference import DECIDED_BY_COMPOSE, SETTINGS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("auth", "twofactor", "gateway", "migrate")
FOR_TRYING = {"authy-simulator", "demo-upstream"}


def test_the_record_is_chained_alike_in_every_schema() -> None:
    """A migration cannot be shared between schemas; what one is mended in, so is the other."""

    def text(service: str) -> str:
        found = (ROOT / f"services/{service}/migrations/0006_audit.sql").read_text()
        return re.sub(rf"\b{service}\b", "SERVICE", found)

    own = [line for line in text("twofactor").splitlines() if "receipt" not in line]
    assert [line for line in text("auth").splitlines() if line] == [line for line in own if line]


def test_nobody_has_an_account_from_the_start() -> None:
    """No migration makes a person or a client (ASVS 6.3.2): there is no `admin` to guess at."""
    made = [
        f"{path.relative_to(ROOT)}: {into}"
        for path in ROOT.glob("services/*/migrations/*.sql")
        for into in re.findall(r"INSERT INTO (\w+)", path.read_text())
        if into in {"users", "service_clients", "factors", "sessions", "signing_keys"}
    ]
    assert made == []


def test_only_the_gateway_publishes_a_port_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"gateway", "authy-simulator"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert SERVICES["authy-simulator"]["profiles"] == ["simulator"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"postgres", "valkey"}))
def test_our_containers_may_nothing(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_the_stores_may_little_and_stand_on_the_network_without_a_way_out(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["networks"]) == (True, ["ALL"], ["backend"])
    assert COMPOSE["networks"]["backend"]["internal"] is True
    assert "healthcheck" in service


def test_auth_has_no_way_out() -> None:
    assert SERVICES["auth"]["networks"] == ["backend"]


@pytest.mark.parametrize("name", ["auth", "twofactor", "gateway"])
def test_metrics_are_shown_on_the_network_without_a_way_out_only(name: str) -> None:
    service = SERVICES[name]
    host, port = service["environment"]["COUNTERSIGN_METRICS_HOST"], service["environment"]["COUNTERSIGN_METRICS_PORT"]
    networks = service["networks"]
    if host == name:
        assert networks == ["backend"]
    else:
        aliases = {network: (joined or {}).get("aliases", []) for network, joined in networks.items()}
        assert [network for network, known in aliases.items() if host in known] == ["backend"]
    assert not any(port in published for published in service.get("ports", []))
    assert COMPOSE["networks"]["backend"]["internal"] is True


def test_each_process_is_given_its_own_secrets_only() -> None:
    given = {name: set(service.get("secrets", [])) for name, service in SERVICES.items()}
    assert given["gateway"] == {"gateway_redis_url", "gateway_assertion_key"}
    assert not {s for s in given["twofactor"] if s.startswith(("auth_", "gateway_"))}
    assert not {s for s in given["auth"] if s.startswith(("twofactor_", "gateway_", "authy_"))}
    assert not {s for name in ("auth", "twofactor", "gateway") for s in given[name] if "owner" in s}


def test_no_secret_stands_in_the_environment() -> None:
    for name, service in SERVICES.items():
        for variable in service.get("environment", {}):
            secret = re.search(r"PASSWORD|KEY|SECRET|CLIENTS|DATABASE_URL|REDIS_URL", variable)
            assert not secret or variable.endswith("_FILE"), f"{name}: {variable}"


def test_the_policy_is_mounted_by_its_folder_which_holds_nothing_else() -> None:
    """A file that is mounted by itself stays the old one when an editor puts another in its place."""
    gateway = COMPOSE["services"]["gateway"]
    (mounted,) = gateway["volumes"]
    source, target, mode = mounted.split(":")
    assert (target, mode) == (str(Path(gateway["environment"]["COUNTERSIGN_POLICY_FILE"]).parent), "ro")
    assert [path.name for path in (ROOT / source).iterdir()] == ["policy.toml"]


def test_production_images_hold_no_tools() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    names = {stage.splitlines()[0].rpartition(" AS ")[2] for stage in stages if "COPY tools" in stage}
    assert names == {"simulator"}
    assert all(f" AS {name}" in DOCKERFILE for name in OURS)


def test_images_run_as_nobody_in_particular_and_are_built_from_the_lock() -> None:
    assert "USER 10001" in DOCKERFILE
    assert "uv sync --locked" in DOCKERFILE
    assert DOCKERFILE.count("HEALTHCHECK") == 3
    assert ":latest" not in DOCKERFILE


def test_every_setting_is_named_in_the_example_or_decided_by_compose() -> None:
    example = (ROOT / ".env.example").read_text()
    for settings in SETTINGS.values():
        for name in settings.model_fields:
            assert name in DECIDED_BY_COMPOSE or f"COUNTERSIGN_{name.upper()}=" in example, name
    assert not re.search(r"^COUNTERSIGN_\w*(KEY|PASSWORD|CLIENTS|DATABASE_URL|REDIS_URL)=.+", example, re.MULTILINE)


def make_secrets(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.secrets", "--folder", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text((ROOT / ".env.example").read_text())
    return tmp_path


def test_make_secrets_writes_every_file_that_compose_names(folder: Path) -> None:
    assert make_secrets(folder).returncode == 0
    named = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert {path.name for path in (folder / "secrets").iterdir()} == named
    assert (folder / ".env").read_text() == (ROOT / ".env.example").read_text()
    assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700


def test_make_secrets_never_overwrites(folder: Path) -> None:
    make_secrets(folder)
    before = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
    (folder / ".env").write_text("COUNTERSIGN_PUBLIC_URL=https://id.example.com\n")
    said = make_secrets(folder)
    assert (said.returncode, said.stdout.strip()) == (0, "nothing to do: .env and secrets/ exist and are kept")
    assert {path.name: path.read_text() for path in (folder / "secrets").iterdir()} == before
    assert (folder / ".env").read_text() == "COUNTERSIGN_PUBLIC_URL=https://id.example.com\n"


def test_half_a_set_of_secrets_is_not_completed_silently(folder: Path) -> None:
    make_secrets(folder)
    (folder / "secrets" / "auth_redis_url").unlink()
    said = make_secrets(folder)
    assert said.returncode == 1
    assert "secrets/ lacks auth_redis_url" in said.stderr


def test_two_installations_share_no_secret(folder: Path, tmp_path: Path) -> None:
    make_secrets(folder)
    first = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
    for path in (folder / "secrets").iterdir():
        path.unlink()
    make_secrets(folder)
    second = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
    assert {name for name in first if first[name] == second[name]} == {"authy_api_key"}


def test_whatever_the_images_are_built_from_reaches_the_build() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source.partition("/")[0]
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in [word for word in line.split() if not word.startswith("--")][:-1]
    }
    assert copied <= kept, copied - kept

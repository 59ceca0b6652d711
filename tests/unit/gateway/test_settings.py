"""What the gateway is told, and what it says when that is wrong."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519

from chassis.settings import load
from gateway.crypto.assertion_keys import parse_assertion_keys
from gateway.settings import Settings
from tests.fakes.gateway_stack import assertion_key

GOOD = {
    "PUBLIC_URL": "http://127.0.0.1:8080", "REDIS_URL": "redis://127.0.0.1", "AUTH_URL": "http://a", "TWOFACTOR_URL": "http://t/",
    "POLICY_FILE": "policy.toml", "TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.7",
}  # fmt: skip


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {**GOOD, "ASSERTION_KEY": assertion_key()}.items():
        monkeypatch.setenv(f"COUNTERSIGN_{name}", value)
    return monkeypatch


def test_good_settings_are_read(environment: pytest.MonkeyPatch) -> None:
    settings = load(Settings)
    assert settings.port == 8080
    assert settings.twofactor_url == "http://t"
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "192.168.1.7/32"]
    assert "PRIVATE" not in repr(settings)


def test_every_fault_is_said_at_once(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environment.setenv("COUNTERSIGN_ASSERTION_KEY", "no key")
    environment.setenv("COUNTERSIGN_TRUSTED_PROXIES", "everybody")
    environment.delenv("COUNTERSIGN_AUTH_URL")
    with pytest.raises(SystemExit):
        load(Settings)
    said = capsys.readouterr().err
    assert all(
        name in said for name in ("COUNTERSIGN_ASSERTION_KEY", "COUNTERSIGN_TRUSTED_PROXIES", "COUNTERSIGN_AUTH_URL")
    )
    assert "no key" not in said


def test_the_first_key_signs_and_all_are_published() -> None:
    keys = parse_assertion_keys(assertion_key() + "\n" + assertion_key())
    assert len(keys) == 2
    assert keys[0].kid == keys[1].kid


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must hold|holds"):
        parse_assertion_keys(text)


def pem(key: Any) -> str:
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return text.decode()


def test_a_key_says_by_its_kind_how_it_signs() -> None:
    keys = parse_assertion_keys(pem(ed25519.Ed25519PrivateKey.generate()) + assertion_key())
    assert [key.algorithm for key in keys] == ["EdDSA", "ES256"]


@pytest.mark.parametrize("other", [ec.generate_private_key(ec.SECP384R1()), ed448.Ed448PrivateKey.generate()])
def test_a_key_on_another_curve_is_refused(other: Any) -> None:
    with pytest.raises(ValueError, match="P-256"):
        parse_assertion_keys(pem(other))


def test_a_wrong_policy_stops_the_process_with_its_lines(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    from pathlib import Path

    from gateway.__main__ import main

    path = Path(str(tmp_path)) / "policy.toml"
    path.write_text('[[route]]\nprefix = "/a"\nupstream = "x"\nname = "a"\nrequire = "aal2"\n')
    environment.setenv("COUNTERSIGN_POLICY_FILE", str(path))
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "line 3: upstream:" in said
    environment.setenv("COUNTERSIGN_POLICY_FILE", str(path) + "-missing")
    with pytest.raises(SystemExit):
        main()
    assert "No such file" in capsys.readouterr().err

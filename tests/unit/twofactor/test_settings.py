"""What this process must be told, and what it says when it is told wrong."""

import pytest

from chassis.settings import load
from services.twofactor.settings import Settings
from tests.fakes.twofactor_world import SETTINGS


def configure(monkeypatch, **settings):
    for name, value in settings.items():
        monkeypatch.setenv(f"COUNTERSIGN_{name.upper()}", str(value))


def test_only_what_has_no_good_default_must_be_set(monkeypatch):
    configure(monkeypatch, **SETTINGS)
    settings = load(Settings)
    assert (settings.port, settings.challenge_ttl, settings.service_name) == (8082, 120, "Countersign")
    assert settings.authy_url == "https://api.authy.com"
    assert settings.signed_callback_url == "https://id.example.com/callbacks/authy"
    assert settings.issuer == "https://id.example.com/approvals"


def test_the_callback_is_signed_letter_by_letter(monkeypatch):
    configure(monkeypatch, **SETTINGS, callback_url="https://hooks.example.com/authy/")
    assert load(Settings).signed_callback_url == "https://hooks.example.com/authy/"


def test_secrets_come_from_files_too(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    configure(monkeypatch, **{k: v for k, v in SETTINGS.items() if k != "authy_api_key"})
    configure(monkeypatch, authy_api_key_file=tmp_path / "key")
    assert load(Settings).authy_api_key.get_secret_value() == "from a file"


def test_every_fault_is_told_at_once_by_name(monkeypatch, capsys):
    configure(monkeypatch, challenge_ttl=5, key_encryption_key="not base64!", callback_url="ftp://x", authy_url="x")
    with pytest.raises(SystemExit) as exit_:
        load(Settings)
    assert exit_.value.code == 2
    told = capsys.readouterr().err
    for name in ("PUBLIC_URL", "DATABASE_URL", "REDIS_URL", "AUTH_URL", "AUTHY_API_KEY"):
        assert f"COUNTERSIGN_{name}: is not set" in told
    for name in ("CHALLENGE_TTL", "KEY_ENCRYPTION_KEY", "CALLBACK_URL", "AUTHY_URL"):
        assert f"COUNTERSIGN_{name}:" in told
    assert "not base64!" not in told


def test_secrets_do_not_show(monkeypatch):
    configure(monkeypatch, **SETTINGS)
    shown = repr(load(Settings))
    assert SETTINGS["authy_api_key"] not in shown
    assert SETTINGS["key_encryption_key"] not in shown
    assert SETTINGS["database_url"] not in shown


def test_every_setting_says_what_it_is_for():
    assert all(field.description for field in Settings.model_fields.values())

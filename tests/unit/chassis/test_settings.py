"""A process with wrong settings does not start, and says everything that is wrong."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from chassis.settings import ProcessSettings, WebAddress, load


class TeaSettings(ProcessSettings):
    kettle_url: WebAddress = Field(description="Where the kettle is")
    recipe: SecretStr = Field(description="The family recipe")


GOOD = {
    "COUNTERSIGN_PORT": "8081",
    "COUNTERSIGN_PUBLIC_URL": "https://id.example.com/",
    "COUNTERSIGN_KETTLE_URL": "http://kettle:1",
    "COUNTERSIGN_RECIPE": "leaves",
}


def environment(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)
    settings = load(TeaSettings)
    assert (settings.public_url, settings.port) == ("https://id.example.com", 8081)
    assert "leaves" not in repr(settings)


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "recipe").write_text("leaves and water\n")
    environment(monkeypatch, COUNTERSIGN_RECIPE=None, COUNTERSIGN_RECIPE_FILE=str(tmp_path / "recipe"))
    assert load(TeaSettings).recipe.get_secret_value() == "leaves and water"


def test_every_fault_is_said_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environment(monkeypatch, COUNTERSIGN_PORT="many", COUNTERSIGN_KETTLE_URL="kettle", COUNTERSIGN_RECIPE=None)
    with pytest.raises(SystemExit) as exit_:
        load(TeaSettings)
    said = capsys.readouterr().err
    assert exit_.value.code == 2
    assert "COUNTERSIGN_PORT: " in said
    assert "COUNTERSIGN_KETTLE_URL: must be an address that starts with http:// or https://" in said
    assert "COUNTERSIGN_RECIPE: is not set (The family recipe)" in said


def test_a_secret_file_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(monkeypatch, COUNTERSIGN_RECIPE=None, COUNTERSIGN_RECIPE_FILE="/nowhere/recipe")
    with pytest.raises(SystemExit):
        load(TeaSettings)
    assert "/nowhere/recipe: No such file or directory" in capsys.readouterr().err


def test_an_empty_setting_is_no_setting(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environment(monkeypatch, COUNTERSIGN_RECIPE="")
    with pytest.raises(SystemExit):
        load(TeaSettings)
    assert "COUNTERSIGN_RECIPE: is not set" in capsys.readouterr().err

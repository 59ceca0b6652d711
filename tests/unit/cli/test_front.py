"""Which commands there are, whose they are, and what is said where they are not."""

import importlib
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli.catalogue import CATALOGUE, MODULES
from cli.installation import COMMANDS_OF, Installation, from_environment
from cli.run import run
from tests.fakes.operating import asked_here
from tools.devstack.operating import found, operable

ALL = {service: {"COUNTERSIGN_PUBLIC_URL": f"https://{service}.example"} for service in MODULES}


def test_the_catalogue_is_what_the_services_declare() -> None:
    declared = {service: importlib.import_module(module) for service, module in MODULES.items()}
    for service, module in declared.items():
        assert set(module.GROUPS) == {name for name, entry in CATALOGUE.items() if service in entry.of}
        assert callable(module.examine)


@pytest.mark.parametrize("service", MODULES)
def test_help_shows_every_group_and_needs_no_settings(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = asked_here(capsys, "--help", settings={service: {}})
    assert shown.status == 0
    here, _, elsewhere = shown.out.partition("Commands that run elsewhere")
    for name, entry in CATALOGUE.items():
        assert f" {name} " in (here if service in entry.of else elsewhere)
        assert asked_here(capsys, name, "--help", settings=ALL).status == 0


def test_a_command_of_another_service_says_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(COMMANDS_OF, "auth")
    assert run(["policy", "explain", "GET", "/x", "--user", "ada"], from_environment()) == 1
    command = "docker compose run --rm gateway countersign policy explain GET /x --user ada"
    assert capsys.readouterr().err.strip().endswith(f"Run: {command}")
    assert run(["migrate", "--json"], from_environment()) == 1
    assert capsys.readouterr().err.strip().endswith("docker compose run --rm migrate countersign migrate --json")


def test_where_several_services_are_each_has_its_own_keys(capsys: pytest.CaptureFixture[str]) -> None:
    for service in ("auth", "twofactor"):
        assert "reseal" in asked_here(capsys, "keys", service, "--help", settings=ALL).out
    unclear = asked_here(capsys, "keys", "lst", settings=ALL)
    assert unclear.status == 2
    assert unclear.err.endswith(
        "countersign: No such command 'lst'. Did you mean 'list'? See: countersign keys --help\n"
    )


@pytest.mark.parametrize(
    ("words", "whose"),
    [(["keys"], "auth"), (["keys", "auth"], "auth"), (["keys", "twofactor"], "twofactor"), (["audit"], "auth")],
)
def test_where_none_is_named_it_is_the_first_as_in_its_container_and_that_is_said(
    words: list[str], whose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    entered: list[str] = []

    class Watched(Installation):
        def enter(self, place: str) -> None:
            entered.append(place)

    status = run([*words, "verify" if words == ["audit"] else "list", "--help"], Watched(ALL, lambda *_: ""))
    assert (status, entered) == (0, [whose])
    told = f"countersign: this is auth's; twofactor has its own: `countersign {words[0]} twofactor ...`\n"
    assert capsys.readouterr().err == ("" if words[1:] else told)


@pytest.mark.parametrize(
    "words", [["nonsense"], ["keys", "delete"], ["keys", "retire"], ["keys", "list", "--kid", "x"]]
)
def test_what_is_not_understood_is_said_in_a_line_with_the_help_to_read(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = asked_here(capsys, *words, settings={"auth": {}})
    assert (said.status, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert said.err.rstrip().endswith("--help")


def test_a_command_has_the_settings_of_its_own_service_and_of_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", "another's")
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", "another's")
    Installation(ALL, lambda *_: "").enter("auth")
    ours = {name: value for name, value in os.environ.items() if name.startswith("COUNTERSIGN_")}
    assert ours == ALL["auth"]


def test_missing_settings_are_all_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        asked_here(capsys, "keys", "list", settings={"auth": {}})
    assert ended.value.code == 2
    assert "COUNTERSIGN_DATABASE_URL: is not set" in capsys.readouterr().err


def test_a_running_stack_is_found_by_its_folder_and_its_settings_are_its_owner_s(tmp_path: Path) -> None:
    postgres = SimpleNamespace(owner_url=lambda name: f"postgresql://{name}")
    with operable(tmp_path, ALL, postgres):  # type: ignore[arg-type]
        assert stat.S_IMODE((tmp_path / "operating.json").stat().st_mode) == 0o600
        assert found(tmp_path).settings == {
            **ALL,
            "migrate": {
                "COUNTERSIGN_AUTH_OWNER_DATABASE_URL": "postgresql://auth",
                "COUNTERSIGN_TWOFACTOR_OWNER_DATABASE_URL": "postgresql://twofactor",
            },
        }
    assert not list(tmp_path.iterdir())
    assert found(tmp_path).settings == {"gateway": {}}
    assert "make up" in found(tmp_path).advice("auth", "keys list")

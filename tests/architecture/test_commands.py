"""The documented commands are the commands that exist, and those that exist are documented."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from cli.catalogue import MODULES
from cli.front import front
from cli.installation import MIGRATIONS, Installation

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "deploy/policy/policy.toml"]
LINE = re.compile(
    r"^(?:\$ )?(?:docker compose run --rm (\w+) |\.venv/bin/)?countersign ([a-z].*?)(?:  +#.*)?$", re.MULTILINE
)
NAMED = re.compile(r"`countersign ([a-z][^`]*)`")


def tree_of(*places: str) -> Any:
    return get_command(front(Installation({place: {} for place in places}, lambda *_: "")))


def leaves(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    children = getattr(command, "commands", None)
    if not children:
        return {path: command}
    return {leaf: made for name, child in children.items() for leaf, made in leaves(child, (*path, name)).items()}


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that `words` name in the container of its service, and what is left of them."""
    services = [place for place in (*MODULES, MIGRATIONS) if words[:1] == ["migrate"] or place != MIGRATIONS]
    for place in services:
        command, rest = tree_of(place), list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command, rest = command.commands[rest[0]], rest[1:]
        if not getattr(command, "commands", None) and "rest" not in {parameter.name for parameter in command.params}:
            return command, rest
    raise AssertionError(f"no such command: {' '.join(words)}")


def written() -> list[tuple[str, str | None, str]]:
    found = [(page.name, place or None, line) for page in PAGES for place, line in LINE.findall(page.read_text())]
    return [*found, *((page.name, None, line) for page in PAGES for line in NAMED.findall(page.read_text()))]


@pytest.mark.parametrize(("page", "place", "line"), written())
def test_a_documented_command_exists_with_its_options(page: str, place: str | None, line: str) -> None:
    words = shlex.split(re.split(r" [|<] ", line, maxsplit=1)[0])
    if words[0] == "keys" and words[1:2] and words[1] in MODULES:
        words.pop(1)
    command, rest = resolve(words)
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    assert {word for word in rest if word.startswith("--")} <= options, f"{page}: {line}"
    if place and place in MODULES:
        assert words[0] == "doctor" or words[0] in Installation({place: {}}, lambda *_: "").groups(place), (
            f"{page}: {line}"
        )


def test_every_command_is_on_the_page() -> None:
    page = (ROOT / "docs/cli.md").read_text()
    for place in MODULES:
        for path, command in leaves(tree_of(place)).items():
            if "rest" not in {parameter.name for parameter in command.params}:
                assert f"countersign {' '.join(path)}" in page, path


def test_every_command_that_answers_has_json_and_says_what_it_does() -> None:
    for path, command in leaves(tree_of(*MODULES, MIGRATIONS)).items():
        assert "--json" in {name for parameter in command.params for name in parameter.opts}, path
        assert len(command.help or "") > 20, path


def test_no_secret_is_ever_an_argument() -> None:
    """An argument is seen by everyone on the machine, and kept in the shell's history."""
    for path, command in leaves(tree_of(*MODULES, MIGRATIONS)).items():
        names = {parameter.name or "" for parameter in command.params}
        assert not [name for name in names if re.search(r"password(?!_file)|secret|token|key(?!s)", name)], path


def test_nothing_that_is_destroyed_is_destroyed_unasked() -> None:
    destructive = {"retire", "disable", "remove", "end", "reset-factors", "expire-password", "cancel"}
    for path, command in leaves(tree_of(*MODULES)).items():
        asks = "--yes" in {name for parameter in command.params for name in parameter.opts}
        assert asks == (path[-1] in destructive), path


def test_the_wheel_carries_no_command_line() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert "[project.scripts]" not in project
    assert 'packages = ["libs/countersign"]' in project
    assert isinstance(front(Installation({}, lambda *_: "")), typer.Typer)

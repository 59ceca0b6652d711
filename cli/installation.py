"""Which services are here, and the settings of each."""

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

import typer

from cli.catalogue import MODULES

PREFIX = "COUNTERSIGN_"
# Set in every image: which service's commands it holds.
COMMANDS_OF = f"{PREFIX}COMMANDS_OF"
MIGRATIONS = "migrate"
Advice = Callable[[str, str], str]


@dataclass(frozen=True)
class Installation:
    """`settings` by place: a service, or `migrate`. `advice` says where a command of another place is to be run."""

    settings: Mapping[str, Mapping[str, str]]
    advice: Advice

    def among(self, places: tuple[str, ...]) -> list[str]:
        """Those of `places` that are here."""
        return [place for place in places if place in self.settings]

    def enter(self, place: str) -> None:
        """From now on this process has the settings of `place`, and of nobody else."""
        for name in [name for name in os.environ if name.startswith(PREFIX) and name != "COUNTERSIGN_TRACE"]:
            del os.environ[name]
        os.environ.update(self.settings[place])

    def commands(self, service: str) -> ModuleType:
        """The service's package `commands`."""
        return importlib.import_module(MODULES[service])

    def groups(self, service: str) -> Mapping[str, typer.Typer]:
        """What it declares there."""
        declared: Mapping[str, typer.Typer] = self.commands(service).GROUPS
        return declared


def from_environment() -> Installation:
    """What a container holds: one service, which it names, with the settings that are set in it."""
    place = os.environ.get(COMMANDS_OF, "")
    ours = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    return Installation({place: ours} if place in {*MODULES, MIGRATIONS} else {}, in_compose)


def in_compose(place: str, words: str) -> str:
    """Where it runs with docker compose."""
    return (
        f"this is {place}'s command, and {place} is not here. Run: docker compose run --rm {place} countersign {words}"
    )

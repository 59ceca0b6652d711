"""What an operator may ask of this service, behind `countersign`: reads the words, calls one flow, shows the answer."""

from collections.abc import Mapping

import typer

from services.twofactor.commands import challenges, factors, keys
from services.twofactor.commands.examining import examine

GROUPS: Mapping[str, typer.Typer] = {
    "factors": factors.app,
    "challenges": challenges.app,
    "keys": keys.app,
}

__all__ = ["GROUPS", "examine"]

"""What an operator may ask of this service, behind `countersign`: reads the words, calls one flow, shows the answer."""

from collections.abc import Mapping

import typer

from services.auth.commands import clients, keys
from services.auth.commands.examining import examine

GROUPS: Mapping[str, typer.Typer] = {"clients": clients.app, "keys": keys.app}

__all__ = ["GROUPS", "examine"]

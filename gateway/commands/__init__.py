"""What an operator may ask of the gateway, behind `countersign`."""

from collections.abc import Mapping

import typer

from gateway.commands import policy
from gateway.commands.examining import examine

GROUPS: Mapping[str, typer.Typer] = {"policy": policy.app}

__all__ = ["GROUPS", "examine"]

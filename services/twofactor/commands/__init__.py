"""What an operator may ask of this service, behind `countersign`: reads the words, calls one flow, shows the answer."""

from collections.abc import Mapping

import typer

from services.twofactor.commands import audit, challenges, factors, keys, receipts
from services.twofactor.commands.examining import examine

GROUPS: Mapping[str, typer.Typer] = {
    "factors": factors.app,
    "challenges": challenges.app,
    "audit": audit.app,
    "keys": keys.app,
    "receipts": receipts.app,
}

__all__ = ["GROUPS", "examine"]

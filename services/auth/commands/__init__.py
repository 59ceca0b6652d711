"""What an operator may ask of this service, behind `countersign`: reads the words, calls one flow, shows the answer."""

from collections.abc import Mapping

import typer

from services.auth.commands import audit, clients, keys, user_groups, user_sessions, users
from services.auth.commands.examining import examine

# These two add to the commands of users.
USERS = (user_sessions.app, user_groups.app)
GROUPS: Mapping[str, typer.Typer] = {
    "users": users.app,
    "audit": audit.app,
    "clients": clients.app,
    "keys": keys.app,
}

__all__ = ["GROUPS", "examine"]

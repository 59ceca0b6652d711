"""How people and sessions look to an operator: a document for programs, and what is made of it for a person."""

from typing import Any

from rich.table import Table

from chassis.commands import table
from chassis.responses import rfc3339
from services.auth.model.device import device, place
from services.auth.model.operating import FactorsReset, ShutOut
from services.auth.model.session import Session
from services.auth.model.user import User


def user(found: User) -> dict[str, Any]:
    """A person, without anything of their password."""
    return {
        "id": found.id,
        "email": found.email.address,
        "groups": sorted(found.groups),
        "created_at": found.created_at,
        "disabled_at": found.disabled_at,
    }


def session(found: Session) -> dict[str, Any]:
    """One session, with the same words as on the person's own page, and the address besides."""
    return {
        "id": found.id,
        "device": device(found.caller.browser),
        "place": place(found.caller.address),
        "address": found.caller.address,
        "client_id": found.client_id,
        "amr": list(found.amr),
        "opened_at": found.opened_at,
        "last_used_at": found.last_used_at,
        "expires_at": found.expires_at,
    }


def shut_out(found: User, done: ShutOut, *, disabled: bool = False) -> dict[str, Any]:
    """What was ended, and whether everybody has heard."""
    return {
        "id": found.id,
        "email": found.email.address,
        "disabled": disabled,
        "sessions": done.sessions,
        "heard_by_twofactor": done.everywhere,
    }


def reset(found: User, done: FactorsReset) -> dict[str, Any]:
    """What was taken away, and the code for them."""
    ids = {"id": found.id, "email": found.email.address}
    return {**ids, "factors": done.factors, "sessions": done.sessions, "code": done.code}


def users(document: dict[str, Any]) -> Table:
    """A line a person."""
    shown = table("EMAIL", "ID", "GROUPS", "SINCE", "STATE")
    for each in document["users"]:
        shown.add_row(each["email"], each["id"], " ".join(each["groups"]), rfc3339(each["created_at"]), _state(each))
    if document["more"]:
        shown.add_row("...", "", "", "", f"more: --after {document['users'][-1]['email']}")
    return shown


def person(document: dict[str, Any]) -> Table:
    """One person, a line a fact."""
    shown = table("", "")
    shown.show_header = False
    facts = {
        "email": document["email"],
        "id": document["id"],
        "groups": " ".join(document["groups"]) or "none",
        "since": rfc3339(document["created_at"]),
        "state": _state(document),
        "open sessions": document.get("sessions"),
        "password, shown this once": document.get("password"),
    }
    for name, fact in facts.items():
        if fact is not None:
            shown.add_row(name, str(fact))
    return shown


def groups(document: dict[str, Any]) -> str:
    """All of them, in one line."""
    return f"{document['email']}: {' '.join(document['groups']) or 'no groups'}"


def sessions(document: dict[str, Any]) -> Table:
    """A line a session."""
    shown = table("SESSION", "DEVICE", "ADDRESS", "OPENED", "LAST USED")
    for each in document["sessions"]:
        times = rfc3339(each["opened_at"]), rfc3339(each["last_used_at"])
        shown.add_row(each["id"], each["device"], each["address"], *times)
    return shown


def ended(document: dict[str, Any]) -> str:
    """What is over, in a sentence or two."""
    parts = [f"{_number(document['factors'], 'factor')} removed"] if "factors" in document else []
    parts.append(f"{_number(document['sessions'], 'session')} ended")
    said = f"{document['email']}: {', '.join(['disabled', *parts] if document.get('disabled') else parts)}"
    if document.get("heard_by_twofactor", True):
        return said
    return f"{said}\ntwofactor has not heard: a login that was begun may still ask their phone, and opens nothing"


def factors_reset(document: dict[str, Any]) -> str:
    """What is over, and what the operator hands over."""
    return (
        f"{ended(document)}\n\n    {document['code']}\n\n"
        "Shown this once. With this code and their password they sign in, and set up how they confirm from then on.\n"
        "Tell it to them alone, by a way on which you know them."
    )


def _state(document: dict[str, Any]) -> str:
    return f"disabled since {rfc3339(document['disabled_at'])}" if document["disabled_at"] else "may sign in"


def _number(many: int, what: str) -> str:
    return f"{many} {what}{'' if many == 1 else 's'}"

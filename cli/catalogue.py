"""Every group of commands and whose it is: known here also of services that are not here."""

from collections.abc import Mapping
from dataclasses import dataclass

# Where each service's commands stand; imported only where that service is.
MODULES: Mapping[str, str] = {
    "auth": "services.auth.commands",
    "twofactor": "services.twofactor.commands",
    "gateway": "gateway.commands",
}


@dataclass(frozen=True)
class Entry:
    """`of`: the services that have this group."""

    of: tuple[str, ...]
    says: str


CATALOGUE: Mapping[str, Entry] = {
    "users": Entry(("auth",), "People: create, find, disable, reset their factors, end their sessions."),
    "audit": Entry(("auth", "twofactor"), "The record of what happened: read, check, export."),
    "clients": Entry(("auth",), "Services that may come in their own name: create, rotate, disable."),
    "factors": Entry(("twofactor",), "The second factors of a person: list, remove."),
    "challenges": Entry(("twofactor",), "What a person is being asked right now: list, show, cancel."),
    "keys": Entry(("auth", "twofactor"), "Signing keys: list, rotate, retire, reseal."),
    "receipts": Entry(("twofactor",), "What was approved: verify it, also offline and years later."),
    "policy": Entry(("gateway",), "The rules of the gateway: check a file, explain a decision."),
}

DOCTOR = """Look for what is wrong, and say what to do about it.

Settings, stores and what may be done in them, pending migrations, clocks, keys, peers, the vendor, the callback's
address, the policy: as far as they can be seen from where this runs. Exit status 1 if anything is wrong."""
MIGRATE = """Bring both schemas up to date.

Waits for PostgreSQL, 90 seconds at most. Doing it twice is once."""

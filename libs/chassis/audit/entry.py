"""What a row of the record says, and the hash that ties it to the row before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.origin import Origin

DONE, REFUSED = "done", "refused"
BEFORE_THE_FIRST = bytes(32)
LONGEST = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Entry:
    """Who, what, from where, how it ended and why. Ids of ours, never an address to write to, never a secret.

    `times`: how many alike this row stands for; `facts`: what else there is to know, as names and texts.
    """

    at: datetime
    what: str
    outcome: str = DONE
    user: str = ""
    reason: str = ""
    origin: Origin = field(default_factory=Origin)
    times: int = 1
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sealed:
    """A row in the chain: `number` counts from 1 without a gap, `hash` covers this row and the hash before it."""

    number: int
    sealed_at: datetime
    entry: Entry
    hash: bytes

    def follows(self, previous: bytes) -> bool:
        """Whether the hash is that of this very row behind `previous`."""
        return self.hash == hashlib.sha256(previous + canonical(self)).digest()


def canonical(row: Sealed) -> bytes:
    """The text that is hashed, as PostgreSQL writes a jsonb array: the function `audit_seal` makes the same."""
    entry, place = row.entry, row.entry.origin
    # jsonb keeps members by the length of their names, then by their bytes.
    facts = dict(sorted(entry.facts.items(), key=lambda fact: (len(fact[0].encode()), fact[0].encode())))
    said = [
        row.number, _microseconds(row.sealed_at), _microseconds(entry.at), entry.what, entry.outcome, place.actor,
        entry.user, entry.reason, place.address, place.browser, place.request_id, entry.times, facts,
    ]  # fmt: skip
    return json.dumps(said, ensure_ascii=False, separators=(", ", ": ")).encode()


def printable(text: str) -> str:
    """Text that a row can hold: no line breaks, no NUL, no more than 200 characters."""
    text = text[:LONGEST]
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in text)


def sealed_of(row: Any) -> Sealed:
    """From a row of `audit_events`."""
    origin = Origin(row["request_id"], row["address"], row["browser"], row["actor"])
    facts = json.loads(row["facts"])
    entry = Entry(row["at"], row["what"], row["outcome"], row["user_id"], row["reason"], origin, row["times"], facts)
    return Sealed(row["number"], row["sealed_at"], entry, bytes(row["hash"]))


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND

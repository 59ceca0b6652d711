"""Looks at the stores as their superuser and at what people did on their phones, and says what is wrong.

It shares no code with the services: it reads their tables and believes nothing that they answered.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.chaos.ledger import End, Ledger

SESSIONS = "SELECT id::text, user_id::text, receipt_id, partial_id, ended_at FROM auth.sessions"
RECEIPTS = "SELECT id::text, login, user_id::text, partial_id FROM twofactor.receipts"
USERS = "SELECT email, id::text FROM auth.users"
ENROLLED = "SELECT DISTINCT user_id::text FROM twofactor.factors"
# Sealed or still to be sealed: both are the record.
TOLD = """
SELECT facts ->> 'session' FROM auth.audit_inbox WHERE what = 'session_opened'
UNION ALL SELECT facts ->> 'session' FROM auth.audit_events WHERE what = 'session_opened'
"""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """`admitted`: wrongly let in. `lost`: promised and not kept. `other`: 500s and the like."""

    admitted: list[str]
    lost: list[str]
    other: list[str]

    @property
    def is_clean(self) -> bool:
        return not (self.admitted or self.lost or self.other)


@dataclass(frozen=True)
class Stored:
    """What stands in the stores; sessions and receipts by their ids, `users` by address, `told` as often as it was."""

    sessions: Mapping[str, Row] = field(default_factory=dict)
    receipts: Mapping[str, Row] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    enrolled: frozenset[str] = frozenset()
    told: Sequence[str] = ()


async def judge(socket_dir: str, ledger: Ledger) -> Finding:
    """Compares what stands with what was promised and done."""
    stored = await _read(socket_dir)
    admitted = [*ledger.admitted, *find_wrongly_open(stored, ledger)]
    return Finding(admitted, [*ledger.lost, *find_lost(stored, ledger)], list(ledger.wrong))


async def _read(socket_dir: str) -> Stored:
    database = await asyncpg.connect(host=socket_dir, user="postgres", database="countersign")
    try:
        return Stored(
            {row["id"]: row for row in await database.fetch(SESSIONS)},
            {row["id"]: row for row in await database.fetch(RECEIPTS)},
            {row["email"]: row["id"] for row in await database.fetch(USERS)},
            frozenset(row["user_id"] for row in await database.fetch(ENROLLED)),
            [row[0] for row in await database.fetch(TOLD)],
        )
    finally:
        await database.close()


def find_wrongly_open(stored: Stored, ledger: Ledger) -> list[str]:
    found, seen = [], set()
    for session in stored.sessions.values():
        approval, receipt = session["receipt_id"], stored.receipts.get(session["receipt_id"])
        if approval not in ledger.approved:
            found.append(f"session {session['id']} without an approval on the phone")
        elif ledger.approved[approval] != session["partial_id"]:
            found.append(f"session {session['id']} on the approval of another login")
        if receipt is None or (receipt["user_id"], receipt["partial_id"]) != (
            session["user_id"],
            session["partial_id"],
        ):
            found.append(f"session {session['id']} without a receipt of that very login")
        if approval in seen:
            found.append(f"two sessions of approval {approval}")
        seen.add(approval)
    return found


def find_lost(stored: Stored, ledger: Ledger) -> list[str]:
    lost = [f"account {email}" for email in ledger.registered if email not in stored.users]
    lost += [f"the phone of {email}" for email in ledger.enrolled if stored.users.get(email) not in stored.enrolled]
    told = Counter(stored.told)
    for opened in ledger.opened:
        row = stored.sessions.get(opened.session)
        if row is None:
            lost.append(f"session {opened.session}")
        elif opened.end is End.SAID and row["ended_at"] is None:
            lost.append(f"the end of session {opened.session}")
        elif opened.end is None and row["ended_at"] is not None:
            lost.append(f"session {opened.session} was ended by nobody")
        if told[opened.session] != 1:
            lost.append(f"session {opened.session} is {told[opened.session]} times on record")
    return lost

"""Looks at the stores as their superuser and at what people did on their phones, and says what is wrong.

It shares no code with the services: it reads their tables and believes nothing that they answered.
"""

from dataclasses import dataclass

import asyncpg

from tests.chaos.ledger import End, Ledger

SESSIONS = "SELECT id::text, user_id::text, receipt_id, partial_id, ended_at FROM auth.sessions"
RECEIPTS = "SELECT id::text, login, user_id::text, partial_id FROM twofactor.receipts"
USERS = "SELECT email FROM auth.users"


@dataclass(frozen=True)
class Finding:
    """`admitted`: wrongly let in. `lost`: promised and not kept. `other`: 500s and the like."""

    admitted: list[str]
    lost: list[str]
    other: list[str]

    @property
    def is_clean(self) -> bool:
        return not (self.admitted or self.lost or self.other)


async def judge(socket_dir: str, ledger: Ledger) -> Finding:
    """Compares what stands with what was promised and done."""
    database = await asyncpg.connect(host=socket_dir, user="postgres", database="countersign")
    try:
        sessions = {row["id"]: row for row in await database.fetch(SESSIONS)}
        receipts = {row["id"]: row for row in await database.fetch(RECEIPTS)}
        users = {row["email"] for row in await database.fetch(USERS)}
    finally:
        await database.close()
    said = [each for each in ledger.wrong if each.startswith("ADMITTED")]
    other = [each for each in ledger.wrong if not each.startswith("ADMITTED")]
    return Finding([*said, *find_wrongly_open(sessions, receipts, ledger)], find_lost(sessions, users, ledger), other)


def find_wrongly_open(sessions: dict, receipts: dict, ledger: Ledger) -> list[str]:
    found, seen = [], set()
    for session in sessions.values():
        receipt = receipts.get(session["receipt_id"])
        if session["receipt_id"] not in ledger.approved:
            found.append(f"session {session['id']} without an approval on the phone")
        if receipt is None or (receipt["user_id"], receipt["partial_id"]) != (
            session["user_id"],
            session["partial_id"],
        ):
            found.append(f"session {session['id']} without a receipt of that very login")
        if session["receipt_id"] in seen:
            found.append(f"two sessions of approval {session['receipt_id']}")
        seen.add(session["receipt_id"])
    return found


def find_lost(sessions: dict, users: set[str], ledger: Ledger) -> list[str]:
    lost = [f"account {email}" for email in ledger.registered if email not in users]
    for opened in ledger.opened:
        row = sessions.get(opened.session)
        if row is None:
            lost.append(f"session {opened.session}")
        elif opened.end is End.SAID and row["ended_at"] is None:
            lost.append(f"the end of session {opened.session}")
        elif opened.end is None and row["ended_at"] is not None:
            lost.append(f"session {opened.session} was ended by nobody")
    return lost

"""That the observer sees a product which is broken: each flaw under load, in a ledger and a table of sessions of its own."""

import asyncio
from dataclasses import dataclass

import asyncpg

from tests.chaos.faults import FAULTS, nothing_else
from tests.chaos.flaws import Flaw, Seen
from tests.chaos.ledger import Ledger
from tests.chaos.run import Outcome, suffer
from tests.chaos.system import System

EMPTY = "TRUNCATE auth.sessions, auth.refresh_families, twofactor.receipts"


@dataclass(frozen=True)
class Proof:
    """What the observer said of a flaw."""

    name: str
    flaw: Flaw
    outcome: Outcome

    @property
    def is_seen(self) -> bool:
        """In the column in which it belongs."""
        found = self.outcome.finding
        columns = {Seen.ADMITTED: found.admitted, Seen.LOST: found.lost, Seen.OTHER: found.other}
        return bool(columns[self.flaw.seen])


async def prove(system: System, name: str, flaw: Flaw, *, crowd_size: int = 3) -> Proof:
    """Breaks it, looks, and mends it."""
    instead = {flaw.process: ("tests.chaos.flawed", name)} if flaw.process else {}
    # What was opened before is in another ledger.
    await _change(system, EMPTY, *flaw.sql)
    try:
        if instead or system.instead:
            await asyncio.to_thread(system.restart_all, instead)
        fault = FAULTS[flaw.fault] if flaw.fault else nothing_else(*flaw.tried)
        outcome = await suffer(system, name, fault, Ledger(), crowd_size=crowd_size)
    finally:
        await _change(system, EMPTY, *flaw.mend)
    return Proof(name, flaw, outcome)


async def _change(system: System, *statements: str) -> None:
    database = await asyncpg.connect(host=system.stack.postgres.socket_dir, user="postgres", database="countersign")
    try:
        for statement in statements:
            await database.execute(statement)
    finally:
        await database.close()

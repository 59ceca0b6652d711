"""Writes the record: what was done at once and for good, what was refused soon and those alike as one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import orjson
import structlog

from chassis.audit.alike import Alike
from chassis.audit.entry import Entry, printable
from chassis.clock import Clock
from chassis.transactions import JoiningPool

log = structlog.get_logger()
# Refusals that were not written yet because the store is away: more are told by the log alone.
MOST_OWED = 10_000
_COLUMNS = "at, what, outcome, actor, user_id, reason, address, browser, request_id, times, facts"


@dataclass(frozen=True)
class Riding:
    """An event that is written by the statement of the change it tells of; `stands` is called once that is made."""

    row: str
    stands: Callable[[], None]


def riding(row: str, change: str) -> str:
    """A part of a statement: writes the row that is parameter `row` if the part `change` has changed something.

    Change and event stand together or not at all, as in a transaction, in one way to the server in place of four.
    """
    return f"{_writing(row)} WHERE EXISTS (SELECT FROM {change})"


def riding_all(rows: str, change: str) -> str:
    """The same of any number of rows: parameter `rows` is what `rows_of` says."""
    return f"{_writing(rows, 'jsonb_populate_recordset')} WHERE EXISTS (SELECT FROM {change})"


def _writing(row: str, read: str = "jsonb_populate_record") -> str:
    source = f"{read}(NULL::audit_inbox, {row}::jsonb)"
    return f"INSERT INTO audit_inbox ({_COLUMNS}) SELECT {_COLUMNS} FROM {source}"  # noqa: S608 the same


class Recorder:
    """The way into `audit_inbox`. Every row is written by one statement that takes no lock that another waits for."""

    def __init__(self, pool: JoiningPool, clock: Clock, *, refusals_per_minute: int = 300) -> None:
        self.pool, self.clock = pool, clock
        self._alike = Alike(refusals_per_minute)
        self._owed: list[Entry] = []

    _WRITE = _writing("$1", "jsonb_populate_recordset")

    def together(self) -> AbstractAsyncContextManager[None]:
        """What is changed inside and what is recorded inside stand together, or neither does."""
        return self.pool.together()

    async def record(self, *entries: Entry) -> None:
        """All stand when this returns, or when the transaction does that they are part of.

        Raises the driver's error when the store is away; then they are written as soon as the store is back, unless
        they were part of a transaction, which is no more either, or this process dies before.
        """
        try:
            await self._write(*entries)
        except Exception:
            if not self.pool.is_in_transaction:
                self._owe(entries)
            raise

    def note(self, entry: Entry) -> None:
        """Stands within a second or so, those alike as one with a number: for refusals. Never raises, never waits."""
        self._alike.add(entry)

    async def flush(self, *, all_of_them: bool = False) -> None:
        """Writes what was noted; what cannot be written now, the next flush tries again. Raises the driver's error."""
        self._owe(self._alike.take(self.clock(), all_of_them=all_of_them))
        while self._owed:
            await self._write(self._owed[0])
            del self._owed[0]

    def _owe(self, entries: Sequence[Entry]) -> None:
        self._owed.extend(entries)
        lost = len(self._owed) - MOST_OWED
        if lost > 0:
            del self._owed[:lost]
            log.error("audit_rows_lost", rows=lost)

    async def _write(self, *entries: Entry) -> None:
        await self.pool.execute(self._WRITE, rows_of(entries))


def rows_of(entries: Sequence[Entry]) -> str:
    """Rows as one parameter of a statement."""
    return f"[{','.join(map(row_of, entries))}]"


def row_of(entry: Entry) -> str:
    """A row as one parameter of a statement."""
    place = entry.origin
    texts = {
        "what": entry.what,
        "outcome": entry.outcome,
        "actor": place.actor,
        "user_id": entry.user,
        "reason": entry.reason,
        "address": place.address,
        "browser": place.browser,
        "request_id": place.request_id,
    }
    said = {name: printable(text) for name, text in texts.items()}
    facts = {printable(name): printable(fact) for name, fact in entry.facts.items()}
    return orjson.dumps({"at": entry.at, **said, "times": entry.times, "facts": facts}).decode()

"""Reads the record: by number, oldest or newest first, a page at a time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.audit.entry import Sealed, sealed_of
from chassis.audit.verify import Head, JsonWebKey
from chassis.transactions import JoiningPool

PAGE = 2000


@dataclass(frozen=True)
class Wanted:
    """Which rows: everything that is given must fit. `since` and `until` are when it happened."""

    user: str | None = None
    what: str | None = None
    outcome: str | None = None
    address: str | None = None
    request: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def clauses(self) -> list[tuple[str, Any]]:
        """SQL and value of each; `%` is the value's place. The value that makes an index of use stands in the SQL."""
        given = [
            ("user_id <> '' AND user_id = %", self.user),
            ("what = %", self.what),
            ("outcome = %", self.outcome),
            ("address <> '' AND address = %", self.address),
            ("request_id <> '' AND request_id = %", self.request),
            # A row is sealed after it happened: months before need not be looked into.
            ("at >= %", self.since),
            ("sealed_at >= %::timestamptz - interval '10 minutes'", self.since),
            ("at < %", self.until),
        ]
        return [(clause, value) for clause, value in given if value is not None]


class Trail:
    """What the runtime role may read."""

    def __init__(self, pool: JoiningPool) -> None:
        self.pool = pool

    _COLUMNS = """
    number, sealed_at, at, what, outcome, actor, user_id, reason, address, browser, request_id, times, facts, hash
    """

    async def newest(self, wanted: Wanted, limit: int) -> Sequence[Sealed]:
        """The last that fit, oldest of them first."""
        rows = await self._fetch(wanted, [], "ORDER BY number DESC", limit)
        return rows[::-1]

    async def after(self, number: int, wanted: Wanted, limit: int = PAGE) -> Sequence[Sealed]:
        """What comes behind `number` and fits, oldest first."""
        return await self._fetch(wanted, [("number > %", number)], "ORDER BY number", limit)

    async def all(self, wanted: Wanted) -> AsyncIterator[Sealed]:
        """Everything that fits, oldest first."""
        number = 0
        while page := await self.after(number, wanted):
            for row in page:
                yield row
            number = page[-1].number

    async def end(self) -> tuple[int, bytes]:
        """Where the chain ends: the last number and its hash."""
        row = await self.pool.fetchrow("SELECT number, hash FROM audit_chain")
        return row["number"], bytes(row["hash"])

    async def heads(self) -> Sequence[Head]:
        """Every signed end of the chain, oldest first."""
        rows = await self.pool.fetch("SELECT number, hash, at, jws FROM audit_heads ORDER BY number")
        return [Head(row["number"], bytes(row["hash"]), row["at"], row["jws"]) for row in rows]

    async def keys(self) -> Sequence[JsonWebKey]:
        """The public half of every key that ever signed, as text of JSON."""
        return [row["jwk"] for row in await self.pool.fetch("SELECT jwk FROM verification_keys ORDER BY signs_from")]

    async def _fetch(self, wanted: Wanted, more: list[tuple[str, Any]], order: str, limit: int) -> list[Sealed]:
        clauses = [*more, *wanted.clauses()]
        where = " AND ".join(clause.replace("%", f"${n}") for n, (clause, _) in enumerate(clauses, 1)) or "true"
        query = f"SELECT {self._COLUMNS} FROM audit_events WHERE {where} {order} LIMIT {limit:d}"  # noqa: S608 constants
        return [sealed_of(row) for row in await self.pool.fetch(query, *(value for _, value in clauses))]

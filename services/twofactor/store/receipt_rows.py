"""Receipts as they stand in table `issued_receipts`, for whoever checks them later."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg

from chassis.dated_ids import span_of
from services.twofactor.model.receipt import ReceiptFacts

PAGE = 1000
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class ReceiptRow:
    """What the columns say, and the receipt as it was signed; `jws` is "" in rows from before it was kept."""

    facts: ReceiptFacts
    jws: str


class ReceiptRows:
    """What the runtime role may read."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    _COLUMNS = "id, user_id, login, partial_id, amr, issued_at, expires_at, jws"
    _BY_ID = f"""
    SELECT {_COLUMNS} FROM issued_receipts WHERE id = $1 AND began_at BETWEEN $2 AND $3
    """  # noqa: S608 put together from constants
    _PAGE = f"""
    SELECT {_COLUMNS} FROM issued_receipts WHERE id > $1 ORDER BY id LIMIT $2
    """  # noqa: S608 put together from constants
    _KEYS = "SELECT jwk FROM verification_keys ORDER BY signs_from"

    async def by_id(self, receipt_id: str) -> ReceiptRow | None:
        """The receipt of this challenge."""
        row = await self._pool.fetchrow(self._BY_ID, receipt_id, *span_of(receipt_id))
        return _read(row) if row else None

    async def all(self) -> AsyncIterator[ReceiptRow]:
        """Every one, a page at a time."""
        last = _BEFORE_ALL
        while page := await self._pool.fetch(self._PAGE, last, PAGE):
            for row in page:
                yield _read(row)
            last = str(page[-1]["id"])

    async def keys(self) -> list[str]:
        """Every public key that ever signed, as text of JSON."""
        return [row["jwk"] for row in await self._pool.fetch(self._KEYS)]


def _read(row: Any) -> ReceiptRow:
    facts = ReceiptFacts(
        str(row["id"]),
        str(row["user_id"]),
        row["login"],
        row["partial_id"],
        tuple(row["amr"]),
        row["issued_at"],
        row["expires_at"],
    )
    return ReceiptRow(facts, row["jws"])

"""The tables by time that a system would have after a month or a year in use, before there are rows for them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_BOUND = """
SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \\(''([^'']+)''\\)') FROM pg_class WHERE oid = $1::regclass
"""
_INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
WHERE indrelid = $1::regclass AND NOT indisunique
"""


@dataclass(frozen=True)
class ByTime:
    """`parent` is many tables; `first` was made by the migration and takes everything that is older than they are."""

    parent: str
    first: str

    async def lay_out(self, owner: Any, starts: Sequence[datetime]) -> None:
        """A table from each of these days to the next, the last up to where `first` ended; `first` ends before."""
        bound = await owner.fetchval(_BOUND, self.first)
        ends = [*(f"{start:%Y-%m-%d} 00:00+00" for start in starts[1:]), bound]
        await owner.execute(f"ALTER TABLE {self.parent} DETACH PARTITION {self.first}")
        await self._attach(owner, self.first, "MINVALUE", f"'{starts[0]:%Y-%m-%d} 00:00+00'")
        for start, end in zip(starts, ends, strict=True):
            name = f"{self.parent}_{start:%Y_%m_%d}"
            await owner.execute(f"CREATE TABLE {name} (LIKE {self.parent} INCLUDING DEFAULTS)")
            await self._attach(owner, name, f"'{start:%Y-%m-%d} 00:00+00'", f"'{end}'")

    async def _attach(self, owner: Any, name: str, start: str, end: str) -> None:
        await owner.execute(f"ALTER TABLE {self.parent} ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})")


@asynccontextmanager
async def without_indexes(owner: Any, table: str) -> AsyncIterator[None]:
    """Indexes but the unique ones are made once all rows are there: in a third of the time."""
    found = await owner.fetch(_INDEXES, table)
    for index in found:
        await owner.execute(f"DROP INDEX {index['name']}")
    yield
    for index in found:
        # Of a table of tables PostgreSQL says what would make the outermost index alone.
        await owner.execute(index["made"].replace(" ON ONLY ", " ON "))


def days(now: datetime, back: timedelta, width: timedelta) -> list[datetime]:
    """Every `width`, from `back` ago on."""
    start = (now - back).replace(hour=0, minute=0, second=0, microsecond=0)
    return [start + width * step for step in range(back // width + 1)]


def months(now: datetime, back: timedelta) -> list[datetime]:
    """The first of every month since `back` ago."""
    found = [(now - back).replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    while (following := (found[-1] + timedelta(days=32)).replace(day=1)) <= now:
        found.append(following)
    return found

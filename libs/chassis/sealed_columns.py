"""Sealed columns of a service's tables: the place that each value is bound to, and how all are sealed anew."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from chassis.sealing import Sealer

BATCH = 500


@dataclass(frozen=True)
class SealedColumn:
    """`column` of `table`, whose rows are named by `key`. All three are names in our code, never somebody's input."""

    table: str
    column: str
    key: str = "id"

    def place(self, key: object) -> str:
        """What the value of the row `key` is bound to: `table.column.key`."""
        return f"{self.table}.{self.column}.{key}"

    async def reseal(self, connection: asyncpg.Connection, sealer: Sealer) -> int:
        """Seals every value with the first of the keys; answers how many. Raises `Unsealable`."""
        rows = await connection.fetch(self._page(), BATCH)
        done = 0
        while rows:
            await connection.executemany(self._replace(), [self._anew(row, sealer) for row in rows])
            done += len(rows)
            rows = await connection.fetch(self._page(after=True), BATCH, rows[-1]["key"])
        return done

    def _anew(self, row: Any, sealer: Sealer) -> tuple[object, bytes, bytes]:
        place = self.place(row["key"])
        return row["key"], row["sealed"], sealer.seal(sealer.open(row["sealed"], place), place)

    def _page(self, *, after: bool = False) -> str:
        beyond = f"WHERE {self.key} > $2 " if after else ""
        return (
            f"SELECT {self.key} AS key, {self.column} AS sealed FROM {self.table} {beyond}ORDER BY {self.key} LIMIT $1"  # noqa: S608 names in our code
        )

    def _replace(self) -> str:
        # A value that was replaced meanwhile was sealed with the first key then.
        return f"UPDATE {self.table} SET {self.column} = $3 WHERE {self.key} = $1 AND {self.column} = $2"  # noqa: S608 names in our code

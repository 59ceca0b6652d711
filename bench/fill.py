"""`python -m bench.fill FOLDER`: a system with a history, as `make up DATA=FOLDER` then starts it.

People with sessions, receipts and a record that verifies: its chain begins with the first row, and what the services
write later continues it. Everybody's password is `PASSWORD`, their app shows the codes of `TOTP_SECRET`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench import fill_rows as rows
from bench.fill_rows import AUTH_STORY, RECORD_LIFE, SESSION_LIFE, TWOFACTOR_STORY, Rows, Sizes
from bench.fill_tables import ByTime, days, months, without_indexes
from chassis.clock import system_clock
from chassis.sealing import Sealer, parse_keys
from services.auth.store.attic import TABLES
from tools.devstack.engines import Postgres, migrate, start_postgres
from tools.devstack.environments import kept_secrets

AT_ONCE = 50_000
SESSION_COLUMNS = (
    "id user_id client_id scope amr authenticated_at opened_at last_used_at expires_at ended_at end_reason address"
    " browser partial_id receipt_id announced_at began_at"
)
RECEIPT_COLUMNS = "id user_id login partial_id factor_id channel amr address browser issued_at expires_at jws began_at"
RECORD_COLUMNS = "number sealed_at at what outcome actor user_id reason address browser request_id times facts hash"
Tell = Callable[[str], None]


class HasHistory(Exception):
    """The system was in use: its record cannot be continued backwards."""


@dataclass(frozen=True)
class Filling:
    """One service's tables, filled by their owner while nothing else runs."""

    owner: Any
    sizes: Sizes
    now: datetime
    tell: Tell

    async def copy(self, table: str, columns: str, many: Rows) -> None:
        """In pieces, each one step of the progress bar; COPY in its binary form."""
        async with without_indexes(self.owner, table):
            while piece := list(islice(many, AT_ONCE)):
                await self.owner.copy_records_to_table(table, records=piece, columns=columns.split())
                self.tell(table)
            self.tell(f"{table}: indexes")

    async def record(self, many: int, story: tuple[str, ...]) -> None:
        """The service's record, and its end, which the next row will follow."""
        if await self.owner.fetchval("SELECT number FROM audit_chain"):
            raise HasHistory
        for month in months(self.now, RECORD_LIFE):
            await self.owner.execute("SELECT audit_month($1)", month)
        await self.copy("audit_events", RECORD_COLUMNS, rows.record(many, self.sizes.users, story, self.now))
        await self.owner.execute(
            "UPDATE audit_chain SET (number, hash, sealed_at) ="
            " (SELECT number, hash, sealed_at FROM audit_events ORDER BY number DESC LIMIT 1)"
        )

    async def tables(self, table: ByTime, starts: list[datetime]) -> None:
        await table.lay_out(self.owner, starts)

    async def settle(self) -> None:
        """What the server would do by itself in the hours after."""
        self.tell("vacuum")
        await self.owner.execute("VACUUM (ANALYZE)")


def steps(sizes: Sizes) -> int:
    """How often `fill` tells, about."""
    return (3 * sizes.users + 3 * sizes.sessions + sizes.records) // AT_ONCE + 10


async def fill(postgres: Postgres, sizes: Sizes, secrets: dict[str, str], tell: Tell) -> None:
    """Both services side by side. Raises `HasHistory`."""
    now = system_clock()
    async with _owner(postgres, "auth") as auth, _owner(postgres, "twofactor") as twofactor:
        sealer = Sealer(parse_keys(secrets["twofactor_key_encryption_key"]))
        await asyncio.gather(
            _fill_auth(Filling(auth, sizes, now, tell)), _fill_twofactor(Filling(twofactor, sizes, now, tell), sealer)
        )
    await asyncio.to_thread(postgres.psql, "countersign", "CHECKPOINT")


async def _fill_auth(filling: Filling) -> None:
    sizes, now = filling.sizes, filling.now
    starts = days(now, SESSION_LIFE, timedelta(days=-(-SESSION_LIFE.days // TABLES)))
    for parent in ("sessions", "refresh_families"):
        await filling.tables(ByTime(parent, f"{parent}_first"), starts)
    await filling.copy("users", "id email email_key password_hash created_at", rows.users(sizes, now))
    await filling.copy("sessions", SESSION_COLUMNS, rows.sessions(sizes, now))
    family = "id session_id generation digest rotated_at idle_until began_at"
    await filling.copy("refresh_families", family, rows.families(sizes, now))
    await filling.record(sizes.records * 2 // 5, AUTH_STORY)
    await filling.settle()


async def _fill_twofactor(filling: Filling, sealer: Sealer) -> None:
    sizes, now = filling.sizes, filling.now
    await filling.tables(ByTime("issued_receipts", "receipts"), months(now, RECORD_LIFE))
    factor = "id user_id provider account name email_sealed last_channel last_used_at created_at"
    await filling.copy("factors", factor, rows.factors(sizes, now, sealer))
    await filling.copy("totp_secrets", "factor_id secret_sealed last_step", rows.totp_secrets(sizes, sealer))
    await filling.copy("issued_receipts", RECEIPT_COLUMNS, rows.receipts(sizes, now))
    await filling.record(sizes.records - sizes.records * 2 // 5, TWOFACTOR_STORY)
    await filling.settle()


@asynccontextmanager
async def _owner(postgres: Postgres, service: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(postgres.owner_url(service))
    try:
        # Nobody signs in here meanwhile, and who is interrupted begins anew.
        await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        yield connection
    finally:
        await connection.close()


def fill_folder(folder: Path, sizes: Sizes, tell: Tell) -> None:
    """The data folder of a system that does not run. Raises `HasHistory`."""
    folder.mkdir(parents=True, exist_ok=True)
    postgres = start_postgres(folder / "postgres")
    try:
        migrate(postgres)
        asyncio.run(fill(postgres, sizes, kept_secrets(folder / "secrets"), tell))
    finally:
        postgres.stop()


def main(
    folder: Path,
    users: Annotated[int, typer.Option()] = 1_000_000,
    sessions: Annotated[int, typer.Option()] = 5_000_000,
    records: Annotated[int, typer.Option(help="rows of the record, both services together")] = 10_000_000,
) -> None:
    """Fills FOLDER, for `make up DATA=FOLDER`."""
    sizes = Sizes(users, sessions, records)
    columns = (TextColumn("[bold]{task.description:18}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("starting", total=steps(sizes))
        fill_folder(folder, sizes, lambda what: progress.update(task, description=what, advance=1))


if __name__ == "__main__":
    typer.run(main)

"""`audit tail|search|verify|export`: an operator reads the record of a service, checks it, and takes a copy away."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from chassis.audit.checking import check_export, check_rows, verdict
from chassis.audit.entry import Sealed
from chassis.audit.exporting import export_rows
from chassis.audit.lines import document, json_line, written
from chassis.audit.trail import Trail, Wanted
from chassis.commands import AsJson, CannotDo, done, group, say
from chassis.postgres import connect

T = TypeVar("T")
FOLLOW_SECONDS = 1.0
Number = Annotated[int, typer.Option("-n", "--number", min=1, max=10_000, help="How many rows at most.")]
Follow = Annotated[bool, typer.Option("-f", "--follow", help="Go on with what happens, until Ctrl-C.")]
User = Annotated[str | None, typer.Option("--user", help="Of this person (their id).")]
What = Annotated[str | None, typer.Option("--what", help="Of this kind, e.g. login_refused.")]
Outcome = Annotated[str | None, typer.Option("--outcome", help="done or refused.")]
Address = Annotated[str | None, typer.Option("--address", help="From this address.")]
Request = Annotated[str | None, typer.Option("--request", help="Of this request: the reference that answers carry.")]
Since = Annotated[datetime | None, typer.Option("--since", help="From then on (UTC).")]
Until = Annotated[datetime | None, typer.Option("--until", help="Before then (UTC).")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="A new file; stdout unless given.")]
Export = Annotated[Path | None, typer.Option("--file", help="An export, in place of the database.")]
Jwks = Annotated[Path | None, typer.Option("--jwks", help="Public keys (JWKS) that you trust, kept elsewhere.")]
Heads = Annotated[
    list[str] | None, typer.Option("--head", metavar="NUMBER:HASH", help="A line `audit_head` of the logs; repeatable.")
]


def audit_app(database_url: Callable[[], str]) -> typer.Typer:
    """The group; `database_url` is asked once a command runs, so that help needs no settings."""
    app = group("The record of what happened in this service: read it, check it, take a copy away.")
    reading = _Reading(database_url)

    @app.command()
    def tail(number: Number = 20, follow: Follow = False, as_json: AsJson = False) -> None:
        """The newest rows, oldest of them first."""
        rows = reading(lambda trail: trail.newest(Wanted(), number))
        _show(rows, as_json=as_json)
        while follow:
            time.sleep(FOLLOW_SECONDS)
            last = rows[-1].number if rows else 0
            fresh = reading(lambda trail, last=last: trail.after(last, Wanted()), doing="")  # type: ignore[misc]  # its default
            _show(fresh, as_json=as_json)
            rows = fresh or rows

    @app.command()
    def search(
        user: User = None,
        what: What = None,
        outcome: Outcome = None,
        address: Address = None,
        request: Request = None,
        since: Since = None,
        until: Until = None,
        number: Number = 200,
        as_json: AsJson = False,
    ) -> None:
        """The newest rows that fit all that is given, oldest of them first."""
        wanted = Wanted(user, what, outcome, address, request, _utc(since), _utc(until))
        _show(reading(lambda trail: trail.newest(wanted, number)), as_json=as_json)

    _add_checking(app, reading)
    return app


def _add_checking(app: typer.Typer, reading: "_Reading") -> None:
    @app.command()
    def verify(file: Export = None, jwks: Jwks = None, head: Heads = None, as_json: AsJson = False) -> int:
        """Whether every row follows from the one before and every signed end stands; exit status 1 if not.

        The database's own keys tell of any change but one by its owner, who can replace keys too: against that hold
        `--jwks` with keys that were kept elsewhere, and `--head` with ends from logs that were.
        """
        if file is not None:
            found = check_export(file, jwks, head or [])
        else:
            found = reading(lambda trail: check_rows(trail, jwks, head or []), doing="reading the record")
        say(found, verdict, as_json=as_json)
        return 0 if found["whole"] else 1

    @app.command()
    def export(since: Since = None, until: Until = None, output: Output = None, as_json: AsJson = True) -> None:
        """Every row as a line of JSON, with the signed ends and public keys: `verify --file` checks it anywhere."""
        del as_json  # there is no other form
        reading(lambda trail: export_rows(trail, Wanted(since=_utc(since), until=_utc(until)), output), doing="")


class _Reading:
    """One look into the record."""

    def __init__(self, database_url: Callable[[], str]) -> None:
        self.database_url = database_url

    def __call__(self, look: Callable[[Trail], Awaitable[T]], *, doing: str = "reading") -> T:
        url = self.database_url()

        async def story() -> T:
            async with _trail(url) as trail:
                return await look(trail)

        return done(story(), doing=doing)


@asynccontextmanager
async def _trail(url: str) -> AsyncIterator[Trail]:
    pool = await connect(url, size=1, patience=0)
    try:
        yield Trail(pool)
    finally:
        await pool.close()


def _show(rows: Any, *, as_json: bool) -> None:
    for row in rows:
        typer.echo(_line(row, as_json=as_json), nl=False)


def _line(row: Sealed, *, as_json: bool) -> str:
    return json_line(document(row)) if as_json else written(row) + "\n"


def _utc(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is not None:
        raise CannotDo("give times in UTC, without a zone")
    return moment.replace(tzinfo=UTC) if moment else None

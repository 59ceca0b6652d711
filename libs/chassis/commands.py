"""What an operator's commands are made of: how they answer, ask, fail and wait, the same in every service.

app = group("Which services may come.")

@app.command("list")
def list_(as_json: AsJson = False) -> None:
    say(done(_all()), _table, as_json=as_json)
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import nullcontext
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from aiohttp import ClientError
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from chassis import logs
from chassis.responses import json_bytes

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: for scripts.")]
_AWAY = (
    OSError,
    TimeoutError,
    ClientError,
    RedisError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
# What does not fit is wrapped for a person; a file or a pipe gets whole lines.
_NO_END = 1000


class CannotDo(Exception):
    """A command that is not carried out. Its text is one line for the operator: what is wrong, and what to do."""

    status = 1


class Away(CannotDo):
    """A store or a service does not answer: the same command may succeed later."""

    status = 3


def group(says: str) -> typer.Typer:
    """A group of commands; without any, its help is shown."""
    app = typer.Typer(help=says, no_args_is_help=True, add_completion=False)
    # With a callback it is a group also while it holds one command only.
    app.callback()(lambda: None)
    return app


def configure_logs(level: str, fmt: str, service: str) -> None:
    """Events go to stderr as they do in a serving process; a person at a terminal reads the answer instead."""
    logs.configure("warning" if sys.stderr.isatty() else level, fmt, service)


def done(story: Coroutine[Any, Any, T], *, doing: str = "working") -> T:
    """Runs it, with a sign of life at a terminal unless `doing` is ""; raises `Away` for what does not answer."""
    try:
        with Console(stderr=True).status(doing) if doing else nullcontext():
            return asyncio.run(story)
    except asyncpg.InvalidPasswordError as refused:
        raise CannotDo(f"PostgreSQL refuses our password: look at DATABASE_URL ({refused})") from refused
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InsufficientPrivilegeError) as behind:
        raise CannotDo(f"the schema is behind this version ({behind}): run `countersign migrate`") from behind
    except _AWAY as away:
        raise Away(f"{_whose(away)} does not answer ({_said(away)}): `countersign doctor` says more") from away


def say(document: Mapping[str, Any], written: Callable[[Any], str | Table], *, as_json: bool) -> None:
    """The answer on stdout: the document for a program, what `written` makes of it for a person."""
    if as_json:
        sys.stdout.write(json_bytes(document).decode() + "\n")
        return
    width = None if sys.stdout.isatty() else _NO_END
    Console(width=width, markup=False, highlight=False, emoji=False).print(written(document), soft_wrap=True)


def table(*columns: str) -> Table:
    """Columns without a frame: it reads well, and `awk` reads it too."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def confirm(question: str, *, yes: bool) -> None:
    """Asks before something that cannot be undone; raises `CannotDo` for a no, and where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CannotDo("nobody can be asked here: repeat it with --yes if you mean it")
    if not typer.confirm(question, err=True):
        raise CannotDo("nothing was changed")


def _whose(away: BaseException) -> str:
    if isinstance(away, RedisError):
        return "Valkey"
    return "a peer service" if isinstance(away, ClientError) else "PostgreSQL"


def _said(away: BaseException) -> str:
    return " ".join(str(away).split()) or type(away).__name__

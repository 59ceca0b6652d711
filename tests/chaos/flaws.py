"""Products that are broken on purpose, each in one place, and how the observer must see it: who sees nothing proves nothing.

A flaw is put into one process as it starts (`flawed.py`) or into the database. Nothing of it is in the services' own code.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from enum import Enum
from typing import Any

from redis.exceptions import RedisError

from tests.chaos.people import Says

LATE_SECONDS = 1.5


class Seen(Enum):
    """In which column of the table."""

    ADMITTED = "wrongly admitted"
    LOST = "lost"
    OTHER = "500s etc."


@dataclass(frozen=True)
class Flaw:
    """`process` starts with `breaks` done to it, "" for none; `sql` is done to the database, and `mend` takes it back.

    `fault`: what happens meanwhile, "" for nothing but logins as in `tried`.
    """

    seen: Seen
    process: str
    breaks: Callable[[], None] = lambda: None
    fault: str = ""
    sql: tuple[str, ...] = ()
    mend: tuple[str, ...] = ()
    tried: tuple[Says, ...] = (Says.YES, Says.YES, Says.NO, Says.UNSEEN, Says.FORGED)


def the_number_is_not_needed() -> None:
    from services.twofactor.model import challenge

    targets: Any = challenge._TARGETS
    targets[challenge.Event.PROVIDER_APPROVES, challenge.Status.BOTH_MISSING] = challenge.Status.APPROVED


def any_number_is_right() -> None:
    from services.twofactor.crypto.binding_codes import KeyedCodes

    _replace(KeyedCodes, "is_right", lambda *_: True)


def a_denial_approves() -> None:
    from services.twofactor.flows import judge_answer
    from services.twofactor.model.challenge import Event
    from services.twofactor.model.provider import PushStatus

    events: Any = judge_answer._EVENTS
    events[PushStatus.DENIED] = Event.PROVIDER_APPROVES
    _replace(judge_answer, "_is_said_of_a_request_that_stood", lambda _: False)
    the_number_is_not_needed()


def signatures_are_not_looked_at() -> None:
    from services.twofactor.providers.authy_callback import AuthyCallbackReader

    _replace(AuthyCallbackReader, "_require_signed", lambda *_: None)


def what_is_pending_can_be_consumed() -> None:
    from services.twofactor.model import challenge

    targets: Any = challenge._TARGETS
    for status in (challenge.Status.BOTH_MISSING, challenge.Status.PHONE_MISSING, challenge.Status.CODE_MISSING):
        targets[challenge.Event.CONSUME, status] = challenge.Status.CONSUMED


def the_gateway_forgets_what_ended() -> None:
    from gateway.store.ended_sessions import EndedSessions

    _replace(EndedSessions, "_end", lambda *_: None)


def accounts_are_written_after_the_answer() -> None:
    from services.auth.store.users import PostgresUsers

    _replace(PostgresUsers, "add", _later(PostgresUsers.add, None))


def ends_are_written_after_the_answer() -> None:
    from services.auth.store.sessions import PostgresSessions

    _replace(PostgresSessions, "end", _later(PostgresSessions.end, True))


def a_refresh_is_written_after_the_answer() -> None:
    from services.auth.store.families import PostgresFamilies

    _replace(PostgresFamilies, "replace", _later(PostgresFamilies.replace, True))


def phones_are_not_written() -> None:
    from services.twofactor.store.enrolments import PostgresEnrolments

    async def add(*_: Any, **__: Any) -> bool:
        return True

    _replace(PostgresEnrolments, "add", add)


def sessions_open_without_a_word_on_record() -> None:
    from services.auth.store.sessions import PostgresSessions

    statement = PostgresSessions._INSERT
    silent = statement.replace("WHERE EXISTS (SELECT FROM opened)", "WHERE false")
    if silent == statement:
        raise AssertionError("the statement tells of it in another way now")
    _replace(PostgresSessions, "_INSERT", silent)


def codes_are_logged() -> None:
    import structlog

    from services.twofactor.crypto.binding_codes import KeyedCodes

    is_right = KeyedCodes.is_right

    def say_and_look(codes: KeyedCodes, challenge: Any, code: str) -> bool:
        structlog.get_logger().info("typed", what=code)
        return is_right(codes, challenge, code)

    _replace(KeyedCodes, "is_right", say_and_look)


def valkey_away_is_an_error_of_ours() -> None:
    from chassis import problems

    _replace(problems, "STORES_AWAY", tuple(kind for kind in problems.STORES_AWAY if not issubclass(kind, RedisError)))


UNIQUE = {"partial_id": "sessions_partial_id_began_at_key", "receipt_id": "sessions_receipt_id_began_at_key"}
FLAWS: dict[str, Flaw] = {
    "two sessions of one approval: the proofs are not unique": Flaw(
        Seen.ADMITTED,
        "",
        sql=tuple(f"ALTER TABLE auth.sessions DROP CONSTRAINT {name}" for name in UNIQUE.values())
        + tuple(f"ALTER TABLE auth.sessions_first DROP CONSTRAINT IF EXISTS sessions_{of}_key" for of in UNIQUE),
        tried=(Says.YES,),
        mend=tuple(
            f"ALTER TABLE auth.sessions ADD CONSTRAINT {name} UNIQUE ({of}, began_at)" for of, name in UNIQUE.items()
        ),
    ),
    "the phone alone approves, without the number": Flaw(Seen.ADMITTED, "twofactor", the_number_is_not_needed),
    "any number is right": Flaw(Seen.ADMITTED, "twofactor", any_number_is_right),
    "deny is taken for approve": Flaw(Seen.ADMITTED, "twofactor", a_denial_approves),
    "a callback's signature is not looked at": Flaw(Seen.ADMITTED, "twofactor", signatures_are_not_looked_at),
    "a challenge is consumed before it is approved": Flaw(Seen.ADMITTED, "twofactor", what_is_pending_can_be_consumed),
    "a session that was ended is let on": Flaw(Seen.ADMITTED, "gateway", the_gateway_forgets_what_ended),
    "201 before the account is written": Flaw(
        Seen.LOST, "auth", accounts_are_written_after_the_answer, "auth killed (-9) at each step"
    ),
    "a phone that was enrolled is not written": Flaw(Seen.LOST, "twofactor", phones_are_not_written),
    "204 before the end of a session is written": Flaw(
        Seen.LOST, "auth", ends_are_written_after_the_answer, "auth killed (-9) at each step"
    ),
    "200 before a refresh is written": Flaw(Seen.LOST, "auth", a_refresh_is_written_after_the_answer),
    "commits are not on the disk": Flaw(
        Seen.LOST,
        "auth",
        fault="PostgreSQL killed (-9)",
        sql=(
            "ALTER DATABASE countersign SET synchronous_commit = off",
            "ALTER SYSTEM SET wal_writer_delay = '10s'",
            "SELECT pg_reload_conf()",
        ),
        mend=(
            "ALTER DATABASE countersign RESET synchronous_commit",
            "ALTER SYSTEM RESET wal_writer_delay",
            "SELECT pg_reload_conf()",
        ),
    ),
    "a session is not on record": Flaw(Seen.LOST, "auth", sessions_open_without_a_word_on_record),
    "a code that was typed is logged": Flaw(Seen.OTHER, "twofactor", codes_are_logged),
    "a store that is away is answered with 500": Flaw(
        Seen.OTHER, "auth", valkey_away_is_an_error_of_ours, "Valkey killed (-9)"
    ),
}


def _later(write: Callable[..., Any], answer: object) -> Callable[..., Any]:
    """The answer now, and the row when it is convenient."""
    running: set[asyncio.Task[None]] = set()

    async def write_later(*given: Any) -> None:
        await asyncio.sleep(LATE_SECONDS)
        await write(*given)

    async def answer_now(*given: Any, **_: Any) -> object:
        # Outside the transaction of the answer.
        running.add(asyncio.create_task(write_later(*given), context=Context()))
        return answer

    return answer_now


def _replace(owner: Any, name: str, value: object) -> None:
    getattr(owner, name)
    setattr(owner, name, value)

"""Sessions and phones become rows of a page. Pure: the same ones give the same words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.model.factor import Factor
from gateway.model.open_session import OpenSession
from gateway.pages import words
from gateway.pages.showing import phone_name

_HANDHELD = ("iPhone", "iPad", "Android")


@dataclass(frozen=True)
class SessionRow:
    """Where somebody is signed in, in words; the moments are there too, for who wants them exact."""

    id: str
    device: str
    place: str
    methods: str
    used: str
    used_at: datetime
    since: datetime
    is_current: bool = False

    @property
    def icon(self) -> str:
        """A picture of the device."""
        return "phone" if any(name in self.device for name in _HANDHELD) else "screen"


@dataclass(frozen=True)
class PhoneRow:
    """A phone and what it can do; `factor` names it to twofactor, `trouble` is "" when at least one way works.

    `is_needed`: no other phone works, and without any a password alone could enrol a new one.
    """

    factor: str
    name: str
    ways: tuple[str, ...]
    trouble: str = ""
    is_needed: bool = False


def sessions(found: Iterable[OpenSession], now: datetime) -> list[SessionRow]:
    """This one first, then the one that was used last."""
    ordered = sorted(found, key=lambda session: (not session.is_current, now - session.last_used_at))
    return [_session_row(session, now) for session in ordered]


def _session_row(session: OpenSession, now: datetime) -> SessionRow:
    return SessionRow(
        id=session.id,
        device=words.device(session.device),
        place=words.place(session.place),
        methods=words.in_a_row(words.methods(session.amr)),
        used=words.NOW if session.is_current else words.ago(int((now - session.last_used_at).total_seconds())),
        used_at=session.last_used_at,
        since=session.authenticated_at,
        is_current=session.is_current,
    )


def phones(factors: Iterable[Factor]) -> list[PhoneRow]:
    """One row for all the ways of one enrolment (their ids are `<channel>-<enrolment>`), in the order they came."""
    grouped: dict[str, list[Factor]] = {}
    for factor in factors:
        if factor.channel in words.SHORT:
            grouped.setdefault(factor.id.partition("-")[2], []).append(factor)
    rows = [_phone_row(ways) for ways in grouped.values()]
    working = {row.factor for row in rows if not row.trouble}
    return [replace(row, is_needed=not working - {row.factor}) for row in rows]


def _phone_row(ways: list[Factor]) -> PhoneRow:
    working = tuple(words.SHORT[way.channel] for way in ways if way.available)
    trouble = "" if working else words.unavailable(ways[0].reason)
    return PhoneRow(ways[0].id, phone_name(ways[0].name), working, trouble)

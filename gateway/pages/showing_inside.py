"""Sessions and factors become rows of a page. Pure: the same ones give the same words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.model.factor import Factor
from gateway.model.open_session import OpenSession
from gateway.pages import naming, words
from gateway.pages.durations import ago
from gateway.pages.showing import phone_name

_HANDHELD = ("iPhone", "iPad", "Android")
_OWN_PICTURES = {"totp"}


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
class FactorRow:
    """Something enrolled and what it can do; `factor` names it to twofactor, `trouble` is "" when a way of it works.

    `is_needed`: nothing else works, and without any a password alone could enrol a new phone.
    """

    factor: str
    channel: str
    name: str
    ways: tuple[str, ...]
    trouble: str = ""
    is_needed: bool = False

    @property
    def icon(self) -> str:
        """A picture of it."""
        return self.channel if self.channel in _OWN_PICTURES else "phone"


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
        used=words.NOW if session.is_current else ago(int((now - session.last_used_at).total_seconds())),
        used_at=session.last_used_at,
        since=session.authenticated_at,
        is_current=session.is_current,
    )


def rows(factors: Iterable[Factor]) -> list[FactorRow]:
    """One row for all the ways of one enrolment (their ids are `<channel>-<enrolment>`), in the order they came.

    Recovery codes have a place of their own: see `codes_left`.
    """
    grouped: dict[str, list[Factor]] = {}
    for factor in factors:
        if factor.channel in naming.SHORT:
            grouped.setdefault(factor.id.partition("-")[2], []).append(factor)
    found = [_row(ways) for ways in grouped.values()]
    working = {row.factor for row in found if not row.trouble}
    return [replace(row, is_needed=not working - {row.factor}) for row in found]


def codes_left(factors: Iterable[Factor]) -> int | None:
    """Recovery codes that can be used yet; None where none were ever made."""
    return next((factor.left for factor in factors if factor.channel == "recovery"), None)


def _row(ways: list[Factor]) -> FactorRow:
    working = tuple(naming.SHORT[way.channel] for way in ways if way.available)
    trouble = "" if working else naming.unavailable(ways[0].reason)
    return FactorRow(ways[0].id, ways[0].channel, phone_name(ways[0].name), working, trouble)

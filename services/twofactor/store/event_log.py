"""Events as rows of the record and as lines of the log."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from functools import partial
from typing import Protocol

import structlog

from chassis.audit.entry import DONE, REFUSED, Entry
from chassis.audit.recorder import Recorder, Riding, row_of, rows_of
from chassis.origin import origin
from services.twofactor.model.events import ALARMS, REFUSALS, AuditEvent

log = structlog.get_logger()
_NAMES = tuple(field.name for field in fields(AuditEvent) if field.name not in {"what", "at"})
_COLUMNS = frozenset({"user", "reason"})


class Rides(Protocol):
    """Who turns events into parts of other statements, for stores whose every change is on record."""

    def riding(self, event: AuditEvent) -> Riding:
        """For a statement that holds `recorder.riding`."""

    def riding_all(self, events: Sequence[AuditEvent]) -> Riding:
        """For one that holds `recorder.riding_all`."""


class EventLog:
    """Implements `ports.Events` and `Rides`."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def together(self) -> AbstractAsyncContextManager[None]:
        """One transaction."""
        return self._recorder.together()

    async def record(self, *events: AuditEvent) -> None:
        """On record when this returns, or with the transaction around it."""
        told = [(event, _said(event)) for event in events]
        await self._recorder.record(*(self._entry(*each) for each in told))
        self._tell_all(told)

    def riding(self, event: AuditEvent) -> Riding:
        """A part of another statement."""
        said = _said(event)
        return Riding(row_of(self._entry(event, said)), lambda: self._tell(event, said))

    def riding_all(self, events: Sequence[AuditEvent]) -> Riding:
        """A part of another statement, which writes all of them."""
        told = [(event, _said(event)) for event in events]
        return Riding(rows_of([self._entry(*each) for each in told]), lambda: self._tell_all(told))

    def note(self, event: AuditEvent) -> None:
        """On record soon."""
        said = _said(event)
        self._recorder.note(self._entry(event, said))
        _write_line(event, said)

    def _tell_all(self, told: Sequence[tuple[AuditEvent, dict[str, str]]]) -> None:
        for event, said in told:
            self._tell(event, said)

    def _tell(self, event: AuditEvent, said: dict[str, str]) -> None:
        # What is rolled back did not happen: no line tells of it.
        self._recorder.pool.afterwards(partial(_write_line, event, said))

    def _entry(self, event: AuditEvent, said: dict[str, str]) -> Entry:
        outcome = REFUSED if event.what in REFUSALS else DONE
        facts = {name: fact for name, fact in said.items() if name not in _COLUMNS}
        user, reason = said.get("user", ""), said.get("reason", "")
        return Entry(event.at or self._recorder.clock(), event.what, outcome, user, reason, origin(), facts=facts)


def _write_line(event: AuditEvent, said: dict[str, str]) -> None:
    write = log.warning if event.what in ALARMS else log.info
    write(event.what.value, **said)


def _said(event: AuditEvent) -> dict[str, str]:
    # Not `asdict`, which copies what it finds, with every login.
    return {name: str(said) for name in _NAMES if (said := getattr(event, name))}

"""Events as rows of the record and as lines of the log."""

from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from functools import partial
from typing import Protocol

import structlog

from chassis.audit.entry import DONE, REFUSED, Entry
from chassis.audit.recorder import Recorder, Riding, row_of
from chassis.origin import origin
from services.auth.model.events import ALARMS, REFUSALS, Event

log = structlog.get_logger()
_NAMES = tuple(field.name for field in fields(Event) if field.name != "what")
_COLUMNS = frozenset({"user", "reason"})


class Rides(Protocol):
    """Who turns events into parts of other statements, for stores whose every change is on record."""

    def riding(self, event: Event) -> Riding:
        """For a statement that holds `recorder.riding`."""


class EventLog:
    """Implements `Events` and `Rides`."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def together(self) -> AbstractAsyncContextManager[None]:
        return self.recorder.together()

    async def record(self, event: Event) -> None:
        said = _said(event)
        await self.recorder.record(self._entry(event, said))
        self._tell(event, said)

    def riding(self, event: Event) -> Riding:
        said = _said(event)
        return Riding(row_of(self._entry(event, said)), lambda: self._tell(event, said))

    def note(self, event: Event) -> None:
        said = _said(event)
        self.recorder.note(self._entry(event, said))
        _write_line(event, said)

    def _tell(self, event: Event, said: dict[str, str]) -> None:
        # What is rolled back did not happen: no line tells of it.
        self.recorder.pool.afterwards(partial(_write_line, event, said))

    def _entry(self, event: Event, said: dict[str, str]) -> Entry:
        outcome = REFUSED if event.what in REFUSALS else DONE
        facts = {name: fact for name, fact in said.items() if name not in _COLUMNS}
        user, reason = said.get("user", ""), said.get("reason", "")
        return Entry(self.recorder.clock(), event.what, outcome, user, reason, origin(), facts=facts)


def _write_line(event: Event, said: dict[str, str]) -> None:
    write = log.warning if event.what in ALARMS else log.info
    write(event.what.value, **said)


def _said(event: Event) -> dict[str, str]:
    # Not `asdict`, which copies what it finds, with every login.
    return {name: str(said) for name in _NAMES if (said := getattr(event, name))}

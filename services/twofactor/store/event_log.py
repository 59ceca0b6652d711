"""Events as rows of the record and as lines of the log."""

from contextlib import AbstractAsyncContextManager
from dataclasses import asdict

import structlog

from chassis.audit.entry import DONE, REFUSED, Entry
from chassis.audit.recorder import Recorder
from chassis.origin import origin
from services.twofactor.model.events import ALARMS, REFUSALS, AuditEvent

log = structlog.get_logger()


class EventLog:
    """Implements `ports.Events`."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def together(self) -> AbstractAsyncContextManager[None]:
        """One transaction."""
        return self._recorder.together()

    async def record(self, event: AuditEvent) -> None:
        """On record when this returns, or with the transaction around it."""
        await self._recorder.record(self._entry(event))
        # What was rolled back did not happen: no line tells of it.
        self._recorder.pool.afterwards(lambda: _write_line(event))

    def note(self, event: AuditEvent) -> None:
        """On record soon."""
        self._recorder.note(self._entry(event))
        _write_line(event)

    def _entry(self, event: AuditEvent) -> Entry:
        outcome = REFUSED if event.what in REFUSALS else DONE
        facts = _said(event)
        user, reason = facts.pop("user", ""), facts.pop("reason", "")
        return Entry(self._recorder.clock(), event.what, outcome, user, reason, origin(), facts=facts)


def _write_line(event: AuditEvent) -> None:
    write = log.warning if event.what in ALARMS else log.info
    write(event.what.value, **_said(event))


def _said(event: AuditEvent) -> dict[str, str]:
    return {name: str(said) for name, said in asdict(event).items() if said and name != "what"}

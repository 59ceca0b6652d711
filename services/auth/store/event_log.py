"""Events as lines of the log."""

import structlog

from services.auth.model.events import Event, What

log = structlog.get_logger()
_ALARMING = frozenset({What.REFRESH_REUSED})


class EventLog:
    """Implements `Events`."""

    def record(self, event: Event) -> None:
        write = log.warning if event.what in _ALARMING else log.info
        write(event.what.value, user=event.user, session=event.session, reason=event.reason)

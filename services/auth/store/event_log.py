"""Events as lines of the log."""

import structlog

from services.auth.model.events import Event, What

log = structlog.get_logger()
_ALARMING = frozenset({What.REFRESH_REUSED})


class EventLog:
    """Implements `Events`."""

    def record(self, event: Event) -> None:
        write = log.warning if event.what in _ALARMING else log.info
        said = {"user": event.user, "session": event.session, "client": event.client, "reason": event.reason}
        write(event.what.value, **{name: value for name, value in said.items() if value})

"""Structured logs: one canonical line per request, JSON outside a terminal, nothing secret."""

import atexit
import logging
import sys
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from chassis.clock import Clock, system_clock
from chassis.lines import LineLogger, Lines, RequestLines, straight, through_structlog, written
from chassis.request import REFERENCE

REDACTED = "[redacted]"
# Whoever logs one of these by mistake logs nothing.
_SECRET_WORDS = (
    "password",
    "token",
    "secret",
    "authorization",
    "cookie",
    "api_key",
    "receipt",
    "code",
    "email",
    "phone",
)


def configure(level: str, fmt: str, service: str, share: float = 1) -> RequestLines:
    """Sets up structlog for the process and sends the standard library's warnings the same way.

    Answers where the canonical lines go; of authorised calls that went well `share` is written.
    """
    structured = fmt == "json" or (fmt == "auto" and not sys.stderr.isatty())
    severity = logging.getLevelNamesMapping()[level.upper()]
    lines = Lines(sys.stderr.fileno())
    structlog.configure(
        processors=[in_one_step(service, system_clock)] if structured else _step_by_step(service),
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        logger_factory=(lambda *_: LineLogger(lines)) if structured else structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    atexit.register(lines.flush)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("aiohttp.server").addFilter(without_the_request)
    write = straight(lines, service, system_clock) if structured else through_structlog
    return RequestLines(write, share=share, severity=severity)


def in_one_step(service: str, clock: Clock) -> Callable[[Any, str, MutableMapping[str, Any]], bytes]:
    """A line as bytes. Seven processors, each called with every line, cost three times this."""

    def whole(logger: Any, level: str, event: MutableMapping[str, Any]) -> bytes:
        said = _redact(logger, level, _add_reference(logger, level, event))
        if "exc_info" in said:
            said = structlog.processors.format_exc_info(logger, level, said)
        return written({"service": service, **said, "level": level, "timestamp": clock()})

    return whole


def _step_by_step(service: str) -> list[Any]:
    """For a terminal."""
    structlog.contextvars.bind_contextvars(service=service)
    return [
        structlog.contextvars.merge_contextvars,
        _add_reference,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
        structlog.processors.format_exc_info,
        structlog.dev.ConsoleRenderer(),
    ]


def _add_reference(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Which request it was about, if it was about one."""
    if reference := REFERENCE.get():
        event.setdefault("request_id", reference)
    return event


def without_the_request(record: logging.LogRecord) -> bool:
    """Of a request that cannot be parsed, aiohttp would log the line at fault: a cookie or a token, perhaps.

    And thirty lines of trace, for a stranger to fill the disk with.
    """
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(fault, HttpProcessingError | web.RequestPayloadError):
        record.msg, record.args, record.exc_info = "request refused: %s", (type(fault).__name__,), None
    return True


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if _is_secret(key):
            event[key] = REDACTED
    return event


# The same few names come with every line.
@lru_cache(maxsize=1024)
def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)

"""Structured logs: one canonical line per request, JSON outside a terminal, nothing secret."""

import atexit
import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, TextIO, cast

import orjson
import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from chassis.clock import system_clock
from chassis.lines import Lines, RequestLines, straight, through_structlog
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
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_reference,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumps) if structured else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", lines if structured else sys.stderr)),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    atexit.register(lines.flush)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("aiohttp.server").addFilter(without_the_request)
    write = straight(lines, service, system_clock) if structured else through_structlog
    return RequestLines(write, share=share, severity=severity)


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


def _dumps(event: Any, default: Any = None, **_: Any) -> str:
    return orjson.dumps(event, default=default or str).decode()

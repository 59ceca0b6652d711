"""Where log lines go: one canonical line per request, cheaply, and everything else around it.

Lines of what went well may wait a fifth of a second and are written together; what was refused, warns or failed takes
those that wait along, so that the order holds. Whole lines, in pieces that a pipe takes at once: the processes of one
service share it.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any

import orjson
import structlog

from chassis.clock import Clock

WAIT_SECONDS = 0.2
# POSIX: so much is written into a pipe without another process's lines in between.
PIECE = 4096
MOST_WAITING = 64 * 1024
WriteLine = Callable[[str, dict[str, Any]], None]
STYLE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
log = structlog.get_logger()


class Weight(Enum):
    """What the line of an answered request is worth: all of it, a sample, or nothing but in debugging."""

    FULL = "full"
    SAMPLED = "sampled"
    QUIET = "quiet"


class Lines:
    """Whole lines, as bytes, on their way into a file."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.waiting: list[bytes] = []
        self.size = 0
        self.alarm: asyncio.TimerHandle | None = None

    def now(self, line: bytes) -> None:
        """A line that somebody may be waiting for, behind those that wait."""
        self._put(line)
        self.flush()

    def later(self, line: bytes) -> None:
        """A line that may wait."""
        self._put(line)
        if self.size > MOST_WAITING:
            self.flush()
        elif self.alarm is None:
            self._flush_later()

    def flush(self) -> None:
        """Writes all that waits. A log that nobody reads any more stops no request."""
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None
        waiting, self.waiting, self.size = self.waiting, [], 0
        with suppress(OSError):
            for piece in pieces(waiting):
                _write_whole(self.descriptor, piece)

    def _flush_later(self) -> None:
        try:
            self.alarm = asyncio.get_running_loop().call_later(WAIT_SECONDS, self.flush)
        except RuntimeError:
            # No loop here, and so nobody who would come back to it.
            self.flush()

    def _put(self, line: bytes) -> None:
        self.waiting.append(line)
        self.size += len(line)


def pieces(waiting: list[bytes]) -> list[bytes]:
    """The same lines, as many together as fit."""
    joined: list[bytes] = []
    begun: list[bytes] = []
    size = 0
    for line in waiting:
        if begun and size + len(line) > PIECE:
            joined.append(b"".join(begun))
            begun, size = [], 0
        begun.append(line)
        size += len(line)
    return [*joined, b"".join(begun)] if begun else joined


def _write_whole(descriptor: int, piece: bytes) -> None:
    while piece:
        piece = piece[os.write(descriptor, piece) :]


class LineLogger:
    """Where structlog writes to, by the level's name. What warns is written at once, what informs may wait."""

    def __init__(self, lines: Lines) -> None:
        self.debug = self.info = lines.later
        self.warning = self.error = self.critical = lines.now


class RequestLines:
    """The canonical lines: which are written, and how. `share` of the sampled ones; quiet ones while debugging."""

    def __init__(self, write: WriteLine, *, share: float = 1, severity: int = logging.INFO) -> None:
        self.write_line, self.share = write, share
        self.are_on, self.is_debugging = severity <= logging.INFO, severity <= logging.DEBUG
        self.owed = 0.0

    def is_wanted(self, weight: Weight) -> bool:
        """Whether this line is written; asked once a line."""
        if weight is Weight.QUIET:
            return self.is_debugging
        if weight is Weight.FULL or self.share >= 1:
            return self.are_on
        self.owed += self.share
        if self.owed < 1:
            return False
        self.owed -= 1
        return self.are_on

    def write(self, weight: Weight, fields: dict[str, Any]) -> None:
        """`fields` hold no secret: nothing is looked for."""
        if weight is Weight.SAMPLED and self.share < 1:
            fields["sampled"] = self.share
        self.write_line("debug" if weight is Weight.QUIET else "info", fields)


def written(whole: dict[str, Any]) -> bytes:
    """As one line of JSON."""
    return orjson.dumps(whole, default=str, option=STYLE)


def through_structlog(level: str, fields: dict[str, Any]) -> None:
    """As any other event: in a terminal, and before anything is configured."""
    getattr(log, level)("request", **fields)


def straight(lines: Lines, service: str, clock: Clock) -> WriteLine:
    """As structlog would have written it, for a third of the price."""

    def write(level: str, fields: dict[str, Any]) -> None:
        line = written({"service": service, **fields, "event": "request", "level": level, "timestamp": clock()})
        if fields["status"] >= 400:
            lines.now(line)
        else:
            lines.later(line)

    return write

"""The policy as its file says it now: read again when the file changes, kept as it was while the file is broken."""

import asyncio
from pathlib import Path

import structlog

from gateway.model.policy import Policy
from gateway.model.policy_text import PolicyFault, read_policy

log = structlog.get_logger()
LOOK_SECONDS = 0.5
Stamp = tuple[int, int, int]


class PolicyFile:
    """Implements `ports.Policies`. Raises `PolicyFault` and OSError for a file that is broken from the beginning."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stamp: Stamp | None = _stamp(path)
        self.seen = self.stamp
        self.current = _read(path)
        self.faults: list[str] = []

    @property
    def note(self) -> str:
        """What an operator must know; "" if nothing."""
        return f"the file is broken, the rules before it hold: {'; '.join(self.faults)}" if self.faults else ""

    async def follow(self) -> None:
        """Looks at the file twice a second, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        """Takes the file's new rules, all at once, if it has changed and is right.

        Not before two looks have seen the same file: the first half of one that is being written can be right, and
        lack the stricter rule further down.
        """
        try:
            stamp = _stamp(self.path)
            stands, self.seen = stamp == self.seen, stamp
            if stamp == self.stamp or not stands:
                return
            self.stamp = stamp
            self.current = _read(self.path)
        except PolicyFault as wrong:
            self._keep(wrong.faults)
        except OSError as unreadable:
            self.stamp = None
            self._keep([unreadable.strerror or "cannot be read"])
        else:
            self.faults = []
            log.info("policy_read", rules=len(self.current.routes))

    def _keep(self, faults: list[str]) -> None:
        if faults != self.faults:
            log.error("policy_refused", faults=faults)
        self.faults = faults


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _read(path: Path) -> Policy:
    try:
        return read_policy(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise PolicyFault(["is not UTF-8"]) from None

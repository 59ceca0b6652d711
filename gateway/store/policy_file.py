"""The policy as its file says it now: read again when the file changes, kept as it was while the file is broken."""

import asyncio
from pathlib import Path

import structlog

from gateway.model.policy import Policy
from gateway.model.policy_text import PolicyFault, read_policy

log = structlog.get_logger()
LOOK_SECONDS = 1.0
Stamp = tuple[int, int, int]


class PolicyFile:
    """Implements `ports.Policies`. Raises `PolicyFault` and OSError for a file that is broken from the beginning."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stamp = _stamp(path)
        self.current = _read(path)
        self.faults: list[str] = []

    @property
    def note(self) -> str:
        """What an operator must know; "" if nothing."""
        return f"the file is broken, the rules before it hold: {'; '.join(self.faults)}" if self.faults else ""

    async def follow(self) -> None:
        """Looks at the file every second, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        """Takes the file's new rules, all at once, if it has changed and is right."""
        try:
            stamp = _stamp(self.path)
            if stamp == self.stamp:
                return
            self.stamp = stamp
            self.current = _read(self.path)
        except PolicyFault as wrong:
            self._keep(wrong.faults)
        except OSError as unreadable:
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

"""Keeps the world in one JSON file, so that ids and requests outlive a restart."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from tools.authy_simulator.model.approval import Approval
from tools.authy_simulator.model.message import Message
from tools.authy_simulator.model.person import Person
from tools.authy_simulator.model.phone import Phone

# Changes that come together are written together.
PAUSE = 0.2
# A large state is written less often, so that writing stays a tenth of the time.
SHARE = 10


@dataclass(frozen=True)
class State:
    """All that is kept."""

    people: tuple[Person, ...] = ()
    messages: tuple[Message, ...] = ()
    approvals: tuple[Approval, ...] = ()
    used_tokens: tuple[tuple[Phone, int], ...] = ()


STATE = TypeAdapter(State)


def load(path: Path) -> State:
    """The state in the file; an empty one when there is no file yet. Raises ValueError when it is not ours."""
    with suppress(FileNotFoundError):
        return STATE.validate_json(path.read_bytes())
    return State()


def save(path: Path, state: State) -> None:
    """Writes beside the file and moves it into place: a crash leaves the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(STATE.dump_json(state, indent=1))
    fresh.replace(path)


class Writer:
    """Writes soon after a change, and once more at the end."""

    def __init__(self, path: Path, snapshot: Callable[[], State]) -> None:
        self._path = path
        self._snapshot = snapshot
        self._changed = asyncio.Event()

    def mark(self) -> None:
        """Something has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        pause = PAUSE
        while True:
            await self._changed.wait()
            await asyncio.sleep(pause)
            self._changed.clear()
            began = time.monotonic()
            await asyncio.to_thread(save, self._path, self._snapshot())
            pause = max(PAUSE, SHARE * (time.monotonic() - began))

    def finish(self) -> None:
        """The last state."""
        save(self._path, self._snapshot())

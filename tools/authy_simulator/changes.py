"""Tells whoever watches that something has changed."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tools.authy_simulator.model.phone import Phone


class Changes:
    """Watchers wait on an event: many changes between two looks are one change."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Event] = set()
        self._listeners: list[Callable[[], None]] = []
        self.is_over = False

    def publish(self, _: Phone | None) -> None:
        """This phone has changed, or (None) something that is on no phone."""
        for watcher in self._watchers:
            watcher.set()
        for listener in self._listeners:
            listener()

    def close(self) -> None:
        """It is over: watchers are let go."""
        self.is_over = True
        for watcher in self._watchers:
            watcher.set()

    def call(self, listener: Callable[[], None]) -> None:
        """``listener`` is called at each change."""
        self._listeners.append(listener)

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event that is set by each change while the block runs; the watcher clears it."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

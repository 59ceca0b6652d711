"""What is asked of Valkey is on its way when it has been asked, and awaited when its reply is needed.

Of several commands that are asked before the first is awaited, all travel together: a process pays for one way to the
server and back instead of one for each. No task is made for it, and nothing happens out of turn: a flow asks, asks, and
then awaits. Where Valkey is a Cluster, or commands are traced, each is a task: they wait side by side all the same.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError

from chassis.asked import side_by_side

Word = bytes | str | int | float


class Reply:
    """What will be answered; raises `ResponseError`, `ConnectionLost` or `NoAnswer` of redis-py's.

    What is lost is sent once more. What was not answered in time is not: a server that is silent would be so again, and
    whoever waits is to be told. `first`: on its way; None if nothing was, yet. `send` sends, over a new connection.
    """

    __slots__ = ("first", "packed", "send")

    def __init__(
        self, first: "asyncio.Future[Any] | None", send: Callable[[bytes], Coroutine[Any, Any, Any]], packed: bytes
    ) -> None:
        self.first, self.send, self.packed = first, send, packed

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from (self.first or self.send(self.packed)).__await__())
        except ConnectionLost:
            return (yield from self.send(self.packed).__await__())


def ask(client: Redis, *command: Word) -> Awaitable[Any]:
    """The server's own reply to a command that redis-py reads nothing into (GET, EVALSHA, ...)."""
    line = getattr(client, "line", None)
    # Whoever traces has put something before this client's own method.
    if line is None or "execute_command" in vars(client):
        return side_by_side(client.execute_command(*command))  # type: ignore[no-untyped-call]  # redis-py's
    reply: Awaitable[Any] = line.ask(command)
    return reply


class Script:
    """A step that must be one, in Lua: sent by its digest, and whole if the server has not seen it yet."""

    def __init__(self, client: Redis, text: str) -> None:
        self.client, self.text = client, text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[Word], args: Sequence[Word] = ()) -> "_Run":
        return _Run(self, (len(keys), *keys, *args))


class _Run:
    """A script on its way."""

    __slots__ = ("reply", "script", "words")

    def __init__(self, script: Script, words: tuple[Word, ...]) -> None:
        self.script, self.words = script, words
        self.reply = ask(script.client, "EVALSHA", script.digest, *words)

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self.reply.__await__())
        except NoScriptError:
            return (yield from ask(self.script.client, "EVAL", self.script.text, *self.words).__await__())


def pairs(reply: Any) -> dict[bytes, bytes]:
    """A hash, as the server says it (field, value, field, ...) or as redis-py has read it already."""
    return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))

"""One connection to Valkey for all commands of a process: written one behind the other, answered in that order.

redis-py lends a connection to each command, with a task, two timers and counters around it: most of what a command
costs. Here it is written at once and its reply awaited, whoever else waits for theirs (pipelining). What concerns the
connection itself (TLS, passwords, Sentinel) is still redis-py's. What is asked in one round of the event loop travels
together, and a reply goes from the socket to whoever waits for it without a task in between.

Nothing but the order says whose reply it is. So a reply is taken off the line for those, too, who have gone, and a
connection on which anything went wrong is never used again: nobody may ever be handed what was another's.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

import hiredis
from redis._parsers.base import BaseParser
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import InvalidResponse, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as NoAnswer

from chassis.valkey_asking import Reply, Word

_NO_MORE = object()


class Line:
    """`make` makes connections of redis-py's; within `seconds` a command is answered, or the connection is given up."""

    def __init__(self, make: Callable[[], AbstractConnection], seconds: float) -> None:
        self.make, self.seconds = make, seconds
        self.strand: _Strand | None = None
        self.opening: asyncio.Task[_Strand] | None = None

    def ask(self, command: tuple[Word, ...]) -> Reply:
        """Await it for the reply; where a connection is open the command is on its way when this returns."""
        packed = hiredis.pack_command(command)  # type: ignore[arg-type]  # its stub knows one word only
        strand = self._whole()
        return Reply(strand.ask(packed) if strand is not None else None, self._sent, packed)

    async def close(self) -> None:
        """Whoever still waits is told that the connection is lost."""
        if (opening := self.opening) is not None:
            opening.cancel()
            # The loop may end next, and with it whatever would still have closed the socket.
            await asyncio.wait({opening})
        if self.strand is not None:
            await self.strand.close()

    def _whole(self) -> "_Strand | None":
        return self.strand if self.strand is not None and self.strand.is_whole else None

    async def _sent(self, packed: bytes) -> Any:
        return await (self._whole() or await self._opened()).ask(packed)

    async def _opened(self) -> "_Strand":
        # One at a time, for all who wait: a server that is silent costs each of them its patience once.
        if self.opening is None:
            self.opening = asyncio.get_running_loop().create_task(self._open(), context=Context())
            self.opening.add_done_callback(self._forget_opening)
        return await asyncio.shield(self.opening)

    async def _open(self) -> "_Strand":
        connection = self.make()
        try:
            await connection.connect()  # type: ignore[no-untyped-call]  # redis-py's
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        self.strand = _Strand(connection, self.seconds)
        return self.strand

    def _forget_opening(self, opening: "asyncio.Task[_Strand]") -> None:
        self.opening = None
        if not opening.cancelled():
            opening.exception()


class _Strand(asyncio.Protocol):
    """An open connection and those who wait for its replies, in the order in which they asked."""

    def __init__(self, connection: AbstractConnection, seconds: float) -> None:
        self.connection, self.seconds = connection, seconds
        self.loop = asyncio.get_running_loop()
        self.parser = hiredis.Reader(
            protocolError=InvalidResponse, replyError=BaseParser.parse_error, notEnoughData=_NO_MORE
        )
        self.waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self.outgoing: list[bytes] = []
        self.alarm: asyncio.TimerHandle | None = None
        self.lost: ConnectionLost | NoAnswer | None = None
        self.leaving: asyncio.Task[None] | None = None
        # Nothing has been asked over it but what redis-py has heard the answers to: from here on it is ours.
        self.transport = connection._writer.transport  # type: ignore[union-attr]  # noqa: SLF001 it has just connected
        self.transport.set_protocol(self)

    @property
    def is_whole(self) -> bool:
        return self.lost is None

    def ask(self, packed: bytes) -> "asyncio.Future[Any]":
        if self.lost is not None:
            raise ConnectionLost(*self.lost.args)
        reply = self.loop.create_future()
        self.waiting.append((reply, self.loop.time()))
        if not self.outgoing:
            self.loop.call_soon(self._send)
        self.outgoing.append(packed)
        if self.alarm is None:
            self.alarm = self.loop.call_later(self.seconds, self._look)
        return reply

    async def close(self) -> None:
        self._give_up(ConnectionLost("this process ends"))
        if self.leaving is not None:
            await asyncio.wait({self.leaving})

    def data_received(self, data: bytes) -> None:
        if self.lost is not None:
            return
        try:
            self.parser.feed(data)
            while (reply := self.parser.gets()) is not _NO_MORE:
                self._answer(reply)
        except Exception as fault:  # noqa: BLE001 whatever it was: from here on nobody knows whose reply is whose
            self._give_up(_lost_by(fault))

    def connection_lost(self, exc: Exception | None) -> None:
        self._give_up(_lost_by(exc or EOFError()))

    def _send(self) -> None:
        packed, self.outgoing = b"".join(self.outgoing), []
        if self.lost is None:
            self.transport.write(packed)

    def _answer(self, reply: Any) -> None:
        if isinstance(reply, ConnectionLost | ReadOnlyError):
            # A server that is no master any more, or takes nobody: another one may answer.
            raise reply
        asker, _ = self.waiting.popleft()
        if asker.done():
            return
        if isinstance(reply, ResponseError):
            _refuse(asker, reply)
        else:
            asker.set_result(reply)

    def _look(self) -> None:
        """Whether the one who has waited longest has waited too long."""
        self.alarm = None
        if not self.waiting:
            return
        left = self.waiting[0][1] + self.seconds - self.loop.time()
        if left > 0:
            self.alarm = self.loop.call_later(left, self._look)
        else:
            self._give_up(NoAnswer("Valkey does not answer"))

    def _give_up(self, lost: ConnectionLost | NoAnswer) -> None:
        if self.lost is not None:
            return
        self.lost = lost
        self._tell_all(lost)
        self.transport.abort()
        self.leaving = self.loop.create_task(self.connection.disconnect(nowait=True), context=Context())

    def _tell_all(self, lost: ConnectionLost | NoAnswer) -> None:
        if self.alarm is not None:
            self.alarm.cancel()
        late = self.loop.time() - self.seconds
        for asker, asked_at in self.waiting:
            if not asker.done():
                # Whoever has not waited that long themselves has only lost the connection.
                fault = lost if asked_at <= late else ConnectionLost(*lost.args)
                _refuse(asker, type(fault)(*fault.args))
        self.waiting.clear()


def _refuse(asker: "asyncio.Future[Any]", fault: Exception) -> None:
    asker.set_exception(fault)
    # Looked at: whoever has lost interest meanwhile need not hear of it in the log.
    asker.exception()


def _lost_by(fault: Exception) -> ConnectionLost:
    return ConnectionLost(f"connection to Valkey lost: {type(fault).__name__}")

"""One connection to Valkey for all commands of a process: written one behind the other, answered in that order.

redis-py lends a connection to each command, with a task, two timers and counters around it: most of what a command
costs. Here it is written at once and its reply awaited, whoever else waits for theirs (pipelining). What concerns the
connection itself (TLS, passwords, Sentinel) is still redis-py's.

Nothing but the order says whose reply it is. So a reply is taken off the line for those, too, who have gone, and a
connection on which anything went wrong is never used again: nobody may ever be handed what was another's.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as NoAnswer

Word = bytes | str | int | float


class Line:
    """`make` makes connections of redis-py's; within `seconds` a command is answered, or the connection is given up."""

    def __init__(self, make: Callable[[], AbstractConnection], seconds: float) -> None:
        self.make, self.seconds = make, seconds
        self.strand: _Strand | None = None
        self.opening: asyncio.Task[_Strand] | None = None

    async def ask(self, command: tuple[Word, ...]) -> Any:
        """The reply; raises `ResponseError`, `ConnectionLost` or `NoAnswer`.

        What is lost is sent once more. What was not answered in time is not: a server that is silent would be so again,
        and whoever waits is to be told.
        """
        packed = hiredis.pack_command(command)  # type: ignore[arg-type]  # its stub knows one word only
        try:
            return await (self._whole() or await self._opened()).ask(packed)
        except ConnectionLost:
            return await (self._whole() or await self._opened()).ask(packed)

    async def close(self) -> None:
        """Whoever still waits is told that the connection is lost."""
        if self.opening is not None:
            self.opening.cancel()
        if self.strand is not None:
            await self.strand.close()

    def _whole(self) -> "_Strand | None":
        return self.strand if self.strand is not None and self.strand.is_whole else None

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
        # From now on the line watches over the time itself.
        connection.socket_timeout = None
        self.strand = _Strand(connection, self.seconds)
        return self.strand

    def _forget_opening(self, opening: "asyncio.Task[_Strand]") -> None:
        self.opening = None
        if not opening.cancelled():
            opening.exception()


class _Strand:
    """An open connection and those who wait for its replies, in the order in which they asked."""

    def __init__(self, connection: AbstractConnection, seconds: float) -> None:
        self.connection, self.seconds = connection, seconds
        self.loop = asyncio.get_running_loop()
        self.waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self.alarm: asyncio.TimerHandle | None = None
        self.lost: ConnectionLost | NoAnswer | None = None
        self.reading = self.loop.create_task(self._read(), context=Context())

    @property
    def is_whole(self) -> bool:
        return self.lost is None

    async def ask(self, packed: bytes) -> Any:
        if self.lost is not None:
            raise ConnectionLost(*self.lost.args)
        reply = self.loop.create_future()
        self.waiting.append((reply, self.loop.time()))
        if self.alarm is None:
            self.alarm = self.loop.call_later(self.seconds, self._look)
        try:
            await self.connection.send_packed_command(packed, check_health=False)
        except BaseException as failed:
            reply.cancel()
            if isinstance(failed, asyncio.CancelledError):
                # Perhaps half of it was written.
                self._give_up(ConnectionLost("a command was broken off"))
            raise
        return await reply

    async def close(self) -> None:
        self._give_up(ConnectionLost("this process ends"))
        await asyncio.wait({self.reading})

    async def _read(self) -> None:
        try:
            while True:
                reply = await self._next()
                asker, _ = self.waiting.popleft()
                if asker.done():
                    continue
                asker.set_exception(reply) if isinstance(reply, ResponseError) else asker.set_result(reply)
        except Exception as fault:  # noqa: BLE001 whatever it was: from here on nobody knows whose reply is whose
            self.lost = self.lost or ConnectionLost(f"connection to Valkey lost: {type(fault).__name__}")
        finally:
            self._tell_all()
            await self.connection.disconnect(nowait=True)

    async def _next(self) -> Any:
        try:
            return await self.connection.read_response(timeout=math.inf, disconnect_on_error=False)
        except ResponseError as refused:
            return refused

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
        self.lost = self.lost or lost
        self.reading.cancel()

    def _tell_all(self) -> None:
        lost = self.lost = self.lost or ConnectionLost("connection to Valkey lost")
        if self.alarm is not None:
            self.alarm.cancel()
        late = self.loop.time() - self.seconds
        for asker, asked_at in self.waiting:
            if not asker.done():
                # Whoever has not waited that long themselves has only lost the connection.
                fault = lost if asked_at <= late else ConnectionLost(*lost.args)
                asker.set_exception(type(fault)(*fault.args))
        self.waiting.clear()

"""Many commands on one connection: each asker gets its own reply, or none at all."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as NoAnswer

from chassis.asked import both
from chassis.valkey_asking import Script
from chassis.valkey_line import Line

PATIENCE = 0.05


class FakeConnection:
    """What the line uses of redis-py's connection, and its socket. The test says what is answered, and when."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses, self.is_open = refuses, False
        self.sent: list[bytes] = []
        self._writer = self.transport = self.replies = self
        self.protocol: Any = None

    async def connect(self) -> None:
        if self.refuses:
            raise ConnectionLost("refused")
        self.is_open = True

    async def disconnect(self, *, nowait: bool) -> None:
        assert nowait

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def write(self, packed: bytes) -> None:
        self.sent.append(packed)

    def abort(self) -> None:
        self.is_open = False

    def put_nowait(self, *replies: bytes | Exception) -> None:
        """The server answers, refuses, or goes away."""
        for reply in replies:
            match reply:
                case bytes():
                    self.protocol.data_received(b"$%d\r\n%b\r\n" % (len(reply), reply))
                case ResponseError():
                    self.protocol.data_received(b"-%b\r\n" % str(reply).encode())
                case _:
                    self.protocol.connection_lost(reply)


def line_over(*connections: FakeConnection, seconds: float = 5) -> Line:
    waiting = list(connections)
    make: Callable[[], Any] = lambda: waiting.pop(0)  # noqa: E731 a factory
    return Line(make, seconds)


async def asked(line: Line, *names: str) -> list["asyncio.Future[Any]"]:
    tasks = [asyncio.ensure_future(line.ask(("GET", name))) for name in names]
    for _ in range(10):
        await asyncio.sleep(0)
    return tasks


async def opened() -> tuple[FakeConnection, Line]:
    """A connection that something has been asked over."""
    connection = FakeConnection()
    line = line_over(connection)
    (before,) = await asked(line, "before")
    connection.replies.put_nowait(b"BEFORE")
    await before
    return connection, line


async def test_everybody_gets_their_own_reply_over_one_connection() -> None:
    connection = FakeConnection()
    line = line_over(connection)
    tasks = await asked(line, "a", "b", "c")
    # In one call of the system.
    assert connection.sent == [b"".join(b"*2\r\n$3\r\nGET\r\n$1\r\n%b\r\n" % name for name in (b"a", b"b", b"c"))]
    for reply in (b"A", b"B", b"C"):
        connection.replies.put_nowait(reply)
    assert await asyncio.gather(*tasks) == [b"A", b"B", b"C"]
    await line.close()
    assert not connection.is_open


async def test_the_reply_for_somebody_who_has_gone_is_nobody_elses() -> None:
    connection = FakeConnection()
    line = line_over(connection)
    gone, other = await asked(line, "secret", "other")
    gone.cancel()
    for reply in (b"SECRET", b"OTHER"):
        connection.replies.put_nowait(reply)
    assert await other == b"OTHER"
    (later,) = await asked(line, "later")
    connection.replies.put_nowait(b"LATER")
    assert await later == b"LATER"
    await line.close()


async def test_a_refusal_is_its_askers_alone_and_ends_nothing() -> None:
    connection = FakeConnection()
    line = line_over(connection)
    refused, other = await asked(line, "a", "b")
    connection.replies.put_nowait(ResponseError("NOSCRIPT"))
    connection.replies.put_nowait(b"B")
    with pytest.raises(ResponseError):
        await refused
    assert await other == b"B"
    await line.close()


async def test_a_reply_in_pieces_is_one_and_one_that_is_none_ends_the_connection() -> None:
    first, second = FakeConnection(), FakeConnection()
    line = line_over(first, second)
    one, two = await asked(line, "a", "b")
    for piece in (b"$4\r", b"\nA", b"AAA\r\n", b"?nonsense\r\n", b"$1\r\nX\r\n"):
        first.protocol.data_received(piece)
    assert await one == b"AAAA"
    while not second.sent:
        await asyncio.sleep(0)
    second.replies.put_nowait(b"B")
    assert await two == b"B"
    assert not first.is_open
    await line.close()


async def test_a_master_that_is_none_any_more_is_left_and_the_next_one_asked() -> None:
    first, second = FakeConnection(), FakeConnection()
    line = line_over(first, second)
    (one,) = await asked(line, "a")
    first.replies.put_nowait(ResponseError("READONLY You can't write against a read only replica."))
    while not second.sent:
        await asyncio.sleep(0)
    second.replies.put_nowait(b"A")
    assert await one == b"A"
    assert not first.is_open
    await line.close()


async def test_a_connection_that_breaks_is_left_and_what_was_lost_is_sent_once_more() -> None:
    first, second = FakeConnection(), FakeConnection()
    line = line_over(first, second)
    one, two = await asked(line, "a", "b")
    first.replies.put_nowait(b"A")
    first.replies.put_nowait(ConnectionLost("closed"))
    assert await one == b"A"
    while not second.sent:
        await asyncio.sleep(0)
    second.replies.put_nowait(b"B")
    assert await two == b"B"
    assert not first.is_open
    assert len(second.sent) == 1
    await line.close()


async def test_a_reply_that_nobody_asked_for_ends_the_connection() -> None:
    first, second = FakeConnection(), FakeConnection()
    line = line_over(first, second)
    (one,) = await asked(line, "a")
    for reply in (b"A", b"stray"):
        first.replies.put_nowait(reply)
    assert await one == b"A"
    (two,) = await asked(line, "b")
    second.replies.put_nowait(b"B")
    assert await two == b"B"
    await line.close()


async def test_a_server_that_does_not_answer_is_given_up_and_its_late_reply_never_read() -> None:
    first, second = FakeConnection(), FakeConnection()
    line = line_over(first, second, seconds=PATIENCE)
    (one,) = await asked(line, "a")
    with pytest.raises(NoAnswer):
        await one
    assert not first.is_open
    assert not second.is_open
    await line.close()


async def test_a_connection_that_is_just_being_made_is_gone_when_the_line_is_closed() -> None:
    class Slow(FakeConnection):
        async def connect(self) -> None:
            await super().connect()
            await asyncio.Event().wait()

        async def disconnect(self, *, nowait: bool) -> None:
            await super().disconnect(nowait=nowait)
            self.abort()

    connection = Slow()
    line = line_over(connection)
    (asker,) = await asked(line, "a")
    assert connection.is_open
    await line.close()
    assert not connection.is_open
    assert await asyncio.wait_for(asyncio.wait({asker}), 1)


async def test_all_who_wait_share_one_attempt_to_connect() -> None:
    # Two connections for ten askers: each of them tries twice, and nobody's attempt waits for another's.
    line = line_over(FakeConnection(refuses=True), FakeConnection(refuses=True))
    answers = await asyncio.gather(*(line.ask(("PING",)) for _ in range(10)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionLost] * 10
    await line.close()


async def test_a_silent_server_is_asked_again_only_for_those_who_came_late() -> None:
    first, second = FakeConnection(), FakeConnection()
    line = line_over(first, second, seconds=PATIENCE)
    (early,) = await asked(line, "early")
    await asyncio.sleep(PATIENCE / 2)
    (late,) = await asked(line, "late")
    with pytest.raises(NoAnswer):
        await early
    while not second.sent:
        await asyncio.sleep(0)
    assert len(second.sent) == 1
    second.replies.put_nowait(b"LATE")
    assert await late == b"LATE"
    await line.close()


async def test_what_is_asked_before_any_is_awaited_travels_together() -> None:
    connection, line = await opened()
    one, other = line.ask(("GET", "a")), line.ask(("GET", "b"))
    await asyncio.sleep(0)
    assert len(connection.sent) == 2, "no task had to begin them"
    for reply in (b"A", b"B"):
        connection.replies.put_nowait(reply)
    assert (await other, await one) == (b"B", b"A")
    await line.close()


async def test_a_script_that_the_server_has_not_seen_is_sent_whole() -> None:
    connection, line = await opened()
    client: Any = SimpleNamespace(line=line)
    running = asyncio.ensure_future(_awaited(Script(client, "return 1")(["k"], [2])))
    await asyncio.sleep(0.001)
    assert b"EVALSHA" in connection.sent[-1]
    connection.replies.put_nowait(ResponseError("NOSCRIPT No matching script."))
    await asyncio.sleep(0.001)
    assert b"return 1" in connection.sent[-1]
    connection.replies.put_nowait(b"1")
    assert await running == b"1"
    await line.close()


async def test_both_are_heard_and_the_fault_of_the_first_counts_first() -> None:
    heard = []

    async def says(word: str, fault: Exception | None = None) -> str:
        heard.append(word)
        if fault:
            raise fault
        return word

    assert await both(says("a"), says("b")) == ("a", "b")
    with pytest.raises(KeyError):
        await both(says("c", KeyError()), says("d", ValueError()))
    assert heard == ["a", "b", "c", "d"]


async def _awaited(reply: Awaitable[Any]) -> Any:
    return await reply

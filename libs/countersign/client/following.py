"""A stream of server-sent events, followed over broken connections."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

from aiohttp import ClientError, ClientResponse, ClientTimeout

from countersign.client.calls import Calls, read_answer
from countersign.client.errors import ApiError, TooMany, Unavailable, UnexpectedAnswer
from countersign.sse import Event, EventReader

# The server sends a comment every 15 s: a connection that is silent for longer is dead.
SILENCE = 25.0
# So many connections in a row that brought nothing, and the server counts as away.
MOST_IN_VAIN = 6


async def follow(calls: Calls, path: str, token: str) -> AsyncGenerator[Mapping[str, Any]]:
    """The data of each event, until the server says that nothing follows (204); raises a kind of `ApiError`."""
    reader, in_vain = EventReader(), 0
    while True:
        reader, failure = EventReader(reader.last_id), _silent()
        try:
            async with aclosing(_once(calls, path, token, reader)) as events:
                async for event in events:
                    in_vain = 0
                    yield _object(event)
        except _Over:
            return
        except UnexpectedAnswer:
            raise
        except (TooMany, Unavailable) as away:
            failure = away
        except (ClientError, asyncio.TimeoutError, OSError) as broken:
            failure = Unavailable(0, "no_answer", type(broken).__name__)
        if in_vain >= MOST_IN_VAIN:
            raise failure
        await calls.sleep(calls.patience.pause(in_vain, failure.retry_after))
        in_vain += 1


class _Over(Exception):
    """Nothing follows."""


def _silent() -> ApiError:
    return Unavailable(0, "no_answer", "The stream ends without a word.")


async def _once(calls: Calls, path: str, token: str, reader: EventReader) -> AsyncGenerator[Event]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    if reader.last_id:
        headers["Last-Event-ID"] = reader.last_id
    timeout = ClientTimeout(total=None, connect=calls.patience.attempt, sock_read=SILENCE)
    async with calls.http.get(f"{calls.url}{path}", headers=headers, timeout=timeout, allow_redirects=False) as answer:
        await require_stream(answer)
        async for piece in answer.content.iter_any():
            for event in _fed(reader, piece):
                yield event


async def require_stream(answer: ClientResponse) -> None:
    """Raises unless this is a stream of events."""
    if answer.status == 204:
        raise _Over
    if answer.status != 200 or answer.content_type != "text/event-stream":
        await read_answer(answer)
        raise UnexpectedAnswer(answer.status, "unexpected_answer", "This is not a stream of events.")


def _fed(reader: EventReader, piece: bytes) -> list[Event]:
    try:
        return reader.feed(piece)
    except ValueError as unfit:
        raise UnexpectedAnswer(200, "unexpected_answer", str(unfit)) from unfit


def _object(event: Event) -> Mapping[str, Any]:
    try:
        document: object = json.loads(event.data)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UnexpectedAnswer(200, "unexpected_answer", "An event without a JSON object.")
    return cast("Mapping[str, Any]", document)

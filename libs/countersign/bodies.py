"""Answers of a server, read to their end and not beyond what is reasonable."""

import json
from typing import Any, cast

from aiohttp import ClientResponse


async def read_object(answer: ClientResponse, most: int) -> dict[str, Any]:
    """The JSON object of a body of at most `most` bytes; raises ValueError for anything else."""
    document: object = json.loads(await read_bounded(answer, most))
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 what is wrong is a text from outside, not a caller's type
    return cast("dict[str, Any]", document)


async def read_bounded(answer: ClientResponse, most: int) -> bytes:
    """The whole body; raises ValueError for one of more than `most` bytes."""
    # Piece by piece: `read(n)` answers with the first packet, which need not be all.
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > most:
            raise ValueError("the answer is too large")
    return bytes(body)

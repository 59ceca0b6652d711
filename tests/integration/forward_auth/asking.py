"""Requests that no client library would send, through a proxy, and what reached the service."""

import asyncio
import json
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.integration.forward_auth.fronts import HOST, Front


@dataclass(frozen=True)
class Answer:
    """`reached` is what the service says it received; None when it was not the service that answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def reached(self) -> dict[str, Any] | None:
        try:
            document = json.loads(self.body)
        except ValueError:
            return None
        return document if isinstance(document, dict) and "body_length" in document else None

    def told(self, name: str) -> list[str]:
        """The values of a header that reached the service, by its name in any spelling."""
        assert self.reached is not None, (self.status, self.body)
        return [value for found, value in self.reached["headers"] if folded(found) == folded(name)]


def folded(name: str) -> str:
    """A header's name as the most careless server reads it."""
    return "".join(character if character.isalnum() else "-" for character in name.lower())


@dataclass(frozen=True)
class Asking:
    front: Front
    context: ssl.SSLContext

    async def __call__(self, path: str, *lines: str, method: str = "GET", token: str | None = None) -> Answer:
        """The answer to these very lines."""
        return await self._ask(path, (*lines, "Connection: close"), method, token, 5.0)

    async def upgrade(self, path: str, *lines: str, token: str | None = None) -> Answer:
        """The same for a connection that may be kept: what came within a moment."""
        return await self._ask(path, lines, "GET", token, 1.0)

    async def _ask(self, path: str, lines: tuple[str, ...], method: str, token: str | None, seconds: float) -> Answer:
        said = [f"{method} {path} HTTP/1.1"]
        said += [] if any(line.lower().startswith("host:") for line in lines) else [f"Host: {HOST}:{self.front.port}"]
        said += [f"Authorization: Bearer {token}"] if token else []
        raw = "\r\n".join([*said, *lines, "", ""]).encode("latin-1")
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.front.port, ssl=self.context, server_hostname=HOST
        )
        came = b""
        try:
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(seconds):
                    writer.write(raw)
                    await writer.drain()
                    # A proxy may keep what it was told to close for another second.
                    while not _is_whole(came) and (piece := await reader.read(65536)):
                        came += piece
        finally:
            writer.close()
        return _parsed(came)


def _is_whole(raw: bytes) -> bool:
    """Whether all of an answer with a known length is there. (What follows a 101 has none.)"""
    head, blank, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(blank and length) and len(body) >= int(length[1])


def _parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunked(body)
    return Answer(int(first.split(" ")[1]) if " " in first else 0, headers, body)


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        whole, body = whole + rest[:length], rest[length + 2 :]
    return whole

"""One peer and how it is asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, StreamReader
from yarl import URL

from chassis.direct_call import UNSAID, InOnePiece, call
from chassis.request import REFERENCE
from chassis.standings import hear
from gateway.model.answer import PeerAnswer
from gateway.model.client import ClientContext
from gateway.model.errors import PeerUnavailable

MAX_ANSWER = 256 * 1024
JSON = "application/json"
DOCUMENTS = {JSON, "application/problem+json"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class HttpPeer:
    """Implements `ports.Peer`: a service of ours at `base`.

    Nothing is asked twice, unless a connection that was kept open was closed just now, and twice is once (RFC 9110
    section 9.2.2): else only the caller knows what may be repeated.
    """

    session: ClientSession
    base: str
    seconds: float = 10.0

    @cached_property
    def patience(self) -> ClientTimeout:
        """For all of a call, and for its connection."""
        return ClientTimeout(total=self.seconds, sock_connect=2)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        client: ClientContext | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> PeerAnswer:
        """The answer, whatever its status; raises `PeerUnavailable` when there is none."""
        sent = {**about(client), **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        try:
            said = await self._said(method, URL(self.base + path, encoded=True), sent, body)
        except (ClientError, asyncio.TimeoutError, OSError, ValueError) as away:
            raise PeerUnavailable from away
        if said.status < HTTPStatus.BAD_REQUEST:
            hear(said.headers)
        return said

    async def _said(self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None) -> PeerAnswer:
        session = self.session
        if not session.trace_configs:
            loop = asyncio.get_running_loop()
            request = InOnePiece(method, url, headers=headers, data=body, loop=loop, session=session)
            async with asyncio.timeout(self.patience.total):
                return await answer_of(await call(request, self.patience))
        # A call that is part of a trace has its span.
        async with session.request(
            method, url, headers=headers, data=body, allow_redirects=False,
            timeout=self.patience, skip_auto_headers=UNSAID,
        ) as answer:  # fmt: skip
            return await answer_of(answer)

    async def ask_json(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        token: str | None = None,
        client: ClientContext | None = None,
    ) -> PeerAnswer:
        """The same with a JSON body (none when `document` is None)."""
        body = None if document is None else orjson.dumps(document)
        headers = {} if body is None else {"Content-Type": JSON}
        return await self.ask(method, path, token=token, client=client, body=body, headers=headers)


async def answer_of(answer: ClientResponse) -> PeerAnswer:
    """What a response says; raises `PeerUnavailable` if it says too much."""
    try:
        content = await _whole(answer.content)
    except BaseException:
        # Nobody else may read on the same connection what is still to come.
        answer.close()
        raise
    return PeerAnswer(
        answer.status, content, answer.headers, _document(content, answer.headers.get("Content-Type", ""))
    )


async def _whole(body: StreamReader) -> bytes:
    """The body, in however many pieces it comes; raises `PeerUnavailable` if it is larger than any of ours is."""
    content = bytearray(await body.readany())
    while len(content) <= MAX_ANSWER and not body.at_eof():
        content += await body.readany()
    if len(content) > MAX_ANSWER:
        raise PeerUnavailable
    return bytes(content)


def _document(content: bytes, content_type: str) -> Mapping[str, Any]:
    if content_type.partition(";")[0].strip().lower() not in DOCUMENTS:
        return {}
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def about(client: ClientContext | None) -> dict[str, str]:
    """Who asks, for the peer's limits, logs and the facts that a person compares."""
    if client is None:
        reference = REFERENCE.get()
        return {"X-Request-ID": reference} if reference else {}
    facts = {"X-Request-ID": client.request_id, "X-Forwarded-For": client.address, "User-Agent": client.user_agent}
    return {name: value for name, value in facts.items() if value}

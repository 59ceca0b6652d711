"""A call of an upstream: the head of its answer, or the reason why there is none."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import cast

from aiohttp import (
    BaseConnector,
    ClientError,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ServerDisconnectedError,
    web,
)
from aiohttp.client_exceptions import ClientConnectorError
from aiohttp.client_proto import ResponseHandler
from aiohttp.typedefs import LooseHeaders
from multidict import CIMultiDict
from yarl import URL

from gateway.model.forwarding import UpstreamAway, UpstreamBroken, UpstreamSlow

# An answer that has begun may pause for so long (an event stream, say) before its upstream is taken for dead.
SILENT_SECONDS = 600.0
# What a client library would say of itself where the caller has said nothing.
UNSAID = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
# Without a body nothing is said about one; and to ask twice is to ask once (RFC 9110 section 9.2).
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class AsItIs(ClientRequest):
    """Says what it is given, and nothing of its own but what its body needs."""

    def update_headers(self, headers: LooseHeaders | None) -> None:
        """Host and all that is given, which names no Host: at once, rather than one after the other."""
        self.headers = CIMultiDict({"Host": self.url.host_port_subcomponent or ""})
        self.headers.extend(headers or ())

    def update_auto_headers(self, skip_auto_headers: Iterable[str] | None) -> None:
        """Nothing where nothing has to be skipped: to copy all headers for that costs as much as a decision."""
        if skip_auto_headers is not None:
            super().update_auto_headers(skip_auto_headers)


class Upstreams:
    """Calls upstreams, which may take `seconds` to begin their answer; `is_traced`: each call with its span."""

    def __init__(self, session: ClientSession, connector: BaseConnector, seconds: float, *, is_traced: bool) -> None:
        self.session, self.connector, self.seconds, self.is_traced = session, connector, seconds, is_traced
        # Counted from the last byte of the request.
        self.patience = ClientTimeout(total=None, connect=seconds, sock_connect=2, sock_read=seconds)

    async def ask(
        self, method: str, url: URL, headers: CIMultiDict[str], body: bytes | AsyncIterator[bytes] | None = None
    ) -> ClientResponse:
        """Raises `UpstreamAway`, `UpstreamBroken`, `UpstreamSlow`."""
        is_bare = body is None and method in BODILESS
        try:
            if is_bare and not self.is_traced:
                return await self._twice(method, url, headers)
            return await self.session.request(
                method, url, headers=headers, data=body, allow_redirects=False, timeout=self.patience,
                skip_auto_headers=None if is_bare else UNSAID,
            )  # fmt: skip
        except ClientConnectorError as away:
            raise UpstreamAway from away
        except TimeoutError as slow:
            raise UpstreamSlow from slow
        except (ClientError, OSError, ValueError) as broken:
            raise UpstreamBroken from broken

    async def _twice(self, method: str, url: URL, headers: CIMultiDict[str]) -> ClientResponse:
        try:
            return await self._once(method, url, headers)
        except ClientConnectorError:
            raise
        except (ClientOSError, ServerDisconnectedError):
            # As `ClientSession` does: what was kept open may have been closed just now (RFC 9110 section 9.2.2).
            return await self._once(method, url, headers)

    async def _once(self, method: str, url: URL, headers: CIMultiDict[str]) -> ClientResponse:
        """What `ClientSession` does for a call without redirects, cookies, proxy and body: half of what it costs."""
        request = AsItIs(method, url, headers=headers, loop=asyncio.get_running_loop(), session=self.session)
        connection = await self.connector.connect(request, [], self.patience)
        try:
            # A connection that was just handed out has its protocol.
            cast("ResponseHandler", connection.protocol).set_response_params(
                skip_payload=method == "HEAD", read_until_eof=True, auto_decompress=False, read_timeout=self.seconds
            )
            answer = await request.send(connection)
            return await answer.start(connection)
        except BaseException:
            connection.close()
            raise

    async def ask_in_pieces(
        self, method: str, url: URL, headers: CIMultiDict[str], request: web.Request
    ) -> ClientResponse:
        """The same with a body that is still on its way."""
        try:
            async with asyncio.timeout(self.seconds) as deadline:
                return await self.ask(method, url, headers, _pieces(request, deadline, self.seconds))
        except TimeoutError as slow:
            raise UpstreamSlow from slow


async def _pieces(request: web.Request, deadline: asyncio.Timeout, seconds: float) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_any():
        # A long upload is no slow upstream, as long as it goes on (an early answer has ended the deadline).
        with suppress(RuntimeError):
            deadline.reschedule(asyncio.get_running_loop().time() + seconds)
        yield piece


def be_patient(answer: ClientResponse) -> None:
    """An answer that has begun may take its time."""
    protocol = answer.connection.protocol if answer.connection is not None else None
    if protocol is not None:
        protocol.read_timeout = SILENT_SECONDS
        protocol.start_timeout()

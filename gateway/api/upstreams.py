"""A call of an upstream: the head of its answer, or the reason why there is none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, web
from aiohttp.client_exceptions import ClientConnectorError
from multidict import CIMultiDict
from yarl import URL

from chassis.direct_call import UNSAID, AsItIs, call
from gateway.model.forwarding import UpstreamAway, UpstreamBroken, UpstreamSlow

# An answer that has begun may pause for so long (an event stream, say) before its upstream is taken for dead.
SILENT_SECONDS = 600.0
# Without a body nothing is said about one; and to ask twice is to ask once (RFC 9110 section 9.2).
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Upstreams:
    """Calls upstreams, which may take `seconds` to begin their answer. Where there are traces, each has its span."""

    def __init__(self, session: ClientSession, seconds: float) -> None:
        self.session, self.seconds = session, seconds
        # Counted from the last byte of the request.
        self.patience = ClientTimeout(total=None, connect=seconds, sock_connect=2, sock_read=seconds)

    async def ask(
        self, method: str, url: URL, headers: CIMultiDict[str], body: bytes | AsyncIterator[bytes] | None = None
    ) -> ClientResponse:
        """Raises `UpstreamAway`, `UpstreamBroken`, `UpstreamSlow`."""
        is_bare = body is None and method in BODILESS
        try:
            if is_bare and not self.session.trace_configs:
                loop = asyncio.get_running_loop()
                request = AsItIs(method, url, headers=headers, loop=loop, session=self.session)
                return await call(request, self.patience)
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

"""Calls with aiohttp's connector, request and response, and without `ClientSession.request`: half of what a call costs.

The pool, its limits of time, the writing of the request and the reading of the answer are aiohttp's. They are joined
here as `ClientSession` joins them for a call that has no redirects, cookies, proxy and traces.
"""

from collections.abc import Iterable
from typing import Any, cast

from aiohttp import (
    ClientConnectionError,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientTimeout,
    ServerDisconnectedError,
    StreamReader,
)
from aiohttp.client_exceptions import ClientConnectorError
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_writer import StreamWriter
from aiohttp.typedefs import LooseHeaders
from multidict import CIMultiDict

# What a client library would say of itself where the caller has said nothing.
UNSAID = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
# To ask twice is to ask once (RFC 9110 section 9.2.2).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


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


class InOnePiece(AsItIs):
    """The same with a body (bytes, or None) that is written with the head, where others have a task to write it."""

    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:
        """Its length is said where a body is expected (RFC 9110 section 8.6)."""
        self.whole: bytes = body or b""
        if body is not None or self.method not in self.GET_METHODS:
            self.headers["Content-Length"] = str(len(self.whole))

    async def send(self, conn: Connection) -> ClientResponse:
        """Head and body."""
        writer = StreamWriter(protocol_of(conn), self.loop)
        await writer.write_headers(f"{self.method} {self.url.raw_path_qs} HTTP/1.1", self.headers)
        await writer.write_eof(self.whole)
        protocol_of(conn).start_timeout()
        return ClientResponse(
            self.method, self.url, writer=None, continue100=None, timer=self._timer, request_info=self.request_info,
            traces=[], loop=self.loop, session=self.session, stream_writer=writer,
        )  # fmt: skip


async def call(request: ClientRequest, patience: ClientTimeout) -> ClientResponse:
    """The head of the answer, as the request's session unpacks it; raises as `ClientSession.request` does.

    Of `patience` the total is the caller's to keep, who reads the body, too.
    What was kept open may have been closed just now: then what may be asked twice is, as `ClientSession` does it.
    """
    try:
        return await _once(request, patience)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError):
        if request.method not in IDEMPOTENT:
            raise
        return await _once(request, patience)


async def _once(request: ClientRequest, patience: ClientTimeout) -> ClientResponse:
    session = request.session
    if session.connector is None:
        raise ClientConnectionError("Session is closed")
    connection = await session.connector.connect(request, [], patience)
    try:
        protocol_of(connection).set_response_params(
            skip_payload=request.method == "HEAD", read_until_eof=True, auto_decompress=session.auto_decompress,
            read_timeout=patience.sock_read,
        )  # fmt: skip
        answer = await request.send(connection)
        return await answer.start(connection)
    except BaseException:
        # Whoever gave up, too: nobody else may read what is still to come.
        connection.close()
        raise


def protocol_of(connection: Connection) -> ResponseHandler:
    """A connection that was just handed out has one."""
    return cast("ResponseHandler", connection.protocol)


def is_there(content: StreamReader) -> bool:
    """Whether all of a body came with its head: the connection is somebody else's already, nothing is to be awaited."""
    return content.is_eof() and content.exception() is None

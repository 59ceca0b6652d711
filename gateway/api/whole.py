"""Answers of the short way, written in one piece. No hook sees them: what stands on other answers is for browsers.

`web.Response` gathers headers in a dictionary, asks around, and adds to them: a third of what a small answer costs.
"""

import time
from email.utils import formatdate
from functools import lru_cache

from aiohttp import ClientResponse, HttpVersion11, web
from multidict import CIMultiDict

from chassis.request import REQUEST_ID

_BEGIN = {200: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", 204: b"HTTP/1.1 204 No Content\r\n"}


class _InOnePiece(web.StreamResponse):
    """Finished as it is: nothing is sent before `write_eof`, and then all of it."""

    asked: web.BaseRequest | None = None

    @property
    def prepared(self) -> bool:
        """Nothing can be added any more."""
        return True

    @property
    def keep_alive(self) -> bool:
        """Whether another request may come on this connection."""
        return self.asked is not None and self.asked.keep_alive

    async def prepare(self, request: web.BaseRequest) -> None:
        """Which request it answers; `write_eof` writes."""
        self.asked = request


class Whole(_InOnePiece):
    """200 or 204 without a body, for a proxy in front.

    `lines` are header lines (`model.identity.header_lines`); besides, there are the date and our reference.
    """

    def __init__(self, status: int, lines: bytes) -> None:
        super().__init__(status=status)
        self.lines = lines

    async def write_eof(self, data: bytes = b"") -> None:
        """All of it. There is no body: `data` must be empty."""
        request = self.asked
        if data or request is None or request.transport is None:
            raise ConnectionResetError
        # The reference is one that `chassis.accounting` has made or looked at.
        ours = f"Date: {_date(int(time.time()))}\r\nX-Request-ID: {request[REQUEST_ID]}\r\n{_connection(request)}\r\n"
        request.transport.write(b"%b%b%b" % (_BEGIN[self.status], self.lines, ours.encode()))


class PassedBack(_InOnePiece):
    """An upstream's answer as it is but for its headers: `told`. For HTTP/1.1 and connections that are kept open."""

    def __init__(self, answer: ClientResponse, told: CIMultiDict[str], body: bytes) -> None:
        super().__init__(status=answer.status, reason=answer.reason)
        self.told, self.whole = told, body

    async def write_eof(self, data: bytes = b"") -> None:
        """All of it: `data` must be empty."""
        if data or self.asked is None:
            raise ConnectionResetError
        writer = self.asked.writer
        await writer.write_headers(f"HTTP/1.1 {self.status} {self.reason}", self.told)
        await writer.write_eof(self.whole)


def _connection(request: web.BaseRequest) -> str:
    """What has to be said where it is not what the version means by itself (RFC 9112 section 9.3)."""
    is_usual = request.keep_alive == (request.version >= HttpVersion11)
    return "" if is_usual else f"Connection: {'keep-alive' if request.keep_alive else 'close'}\r\n"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)

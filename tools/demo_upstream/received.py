"""What reached us, as plain data."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

IDENTITY = "countersign-"
KEPT_BODY = 64 * 1024
Json = dict[str, object]


@dataclass(frozen=True)
class Assertion:
    """The two readable parts of the gateway's signed statement; not verified here."""

    header: Json
    claims: Json


@dataclass(frozen=True)
class Received:
    """One request. ``body`` is None when it is long or no text."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body_length: int
    body: str | None

    @property
    def identity(self) -> list[tuple[str, str]]:
        """The headers in which the gateway says who this is."""
        return [(name, value) for name, value in self.headers if name.lower().startswith(IDENTITY)]

    @property
    def others(self) -> list[tuple[str, str]]:
        """All other headers."""
        return [(name, value) for name, value in self.headers if not name.lower().startswith(IDENTITY)]

    @property
    def assertion(self) -> Assertion | None:
        """The assertion, from whichever identity header holds a signed token."""
        found = (decode(value) for _, value in self.identity)
        return next((each for each in found if each), None)

    def as_json(self) -> Json:
        """For programs."""
        assertion = self.assertion
        found: Json = {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": [list(pair) for pair in self.headers],
            "body_length": self.body_length,
            "assertion": {"header": assertion.header, "claims": assertion.claims} if assertion else None,
        }
        return found | ({"body": self.body} if self.body is not None else {})


async def receive(request: web.Request) -> Received:
    """Reads the request to its end; of a long body it keeps the length alone."""
    length, kept = 0, bytearray()
    async for chunk in chunks(request):
        length += len(chunk)
        kept += chunk[: KEPT_BODY + 1 - len(kept)]
    return Received(
        method=request.method,
        path=request.path,
        query=request.query_string,
        headers=headers_of(request),
        body_length=length,
        body=text_of(bytes(kept)) if 0 < length <= KEPT_BODY else None,
    )


def chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes in."""
    return request.content.iter_chunked(64 * 1024)


def headers_of(request: web.Request) -> tuple[tuple[str, str], ...]:
    """Names and values as they came over the wire, doubles included."""
    return tuple((name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in request.raw_headers)


def text_of(body: bytes) -> str | None:
    """The body as text, if it is any."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def decode(token: str) -> Assertion | None:
    """The first two parts of a compact JWS (RFC 7515 section 3.1); None when it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except ValueError:
        return None
    return Assertion(header, claims) if isinstance(header, dict) and isinstance(claims, dict) else None

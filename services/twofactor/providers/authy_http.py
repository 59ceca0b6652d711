"""Authy's transport: one attempt or a few, inside a time budget, and a JSON object or nothing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from aiohttp import (
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ServerDisconnectedError,
)

from services.twofactor.model.errors import ProviderUnavailable
from services.twofactor.providers.authy_answers import Nonsense, read_object
from services.twofactor.providers.authy_call import REPEATABLE, Answer, Call
from services.twofactor.providers.authy_errors import refusal

log = structlog.get_logger()
T = TypeVar("T")

ATTEMPTS = 3
CONNECT_SECONDS = 2.0
BACK_OFF = 0.2  # seconds at most, doubled each time; chance picks the part of it that is waited
MAX_ANSWER = 256 * 1024
MAX_RETRY_AFTER = 120

# UnicodeError: half a character, which no form or URL can carry.
_FAILED = (ClientError, OSError, asyncio.TimeoutError, UnicodeError, Nonsense)


@dataclass(frozen=True)
class AuthyHttp:
    """`budget`: seconds that a call may take in all. `jitter`: chance, 0 to 1."""

    session: ClientSession
    base_url: str
    api_key: str = field(repr=False)
    budget: float
    jitter: Callable[[], float]

    async def good(self, call: Call) -> Mapping[str, object]:
        """The body of a good answer; raises the refusal that another one means."""
        answer = await self.ask(call)
        if not answer.is_good:
            raise refusal(call, answer)
        return answer.body

    async def read(self, call: Call, reader: Callable[[Mapping[str, object]], T]) -> T:
        """The same, read as `reader` says: what it calls nonsense is no answer."""
        body = await self.good(call)
        try:
            return reader(body)
        except Nonsense as error:
            raise _unavailable(call, error) from None

    async def ask(self, call: Call) -> Answer:
        """Any answer that is a JSON object; raises `ProviderUnavailable`."""
        try:
            async with asyncio.timeout(self.budget):
                return await self._attempts(call)
        except _FAILED as error:
            raise _unavailable(call, error) from None

    async def _attempts(self, call: Call) -> Answer:
        if call.purpose not in REPEATABLE:
            return await self._attempt(call, self.budget)
        for earlier in range(ATTEMPTS - 1):
            try:
                answer = await self._attempt(call, self.budget / 2)
            except _FAILED:
                pass
            else:
                if not answer.is_worth_repeating:
                    return answer
            await asyncio.sleep(BACK_OFF * 2**earlier * self.jitter())
        return await self._attempt(call, self.budget / 2)

    async def _attempt(self, call: Call, seconds: float) -> Answer:
        async with self.session.request(
            call.method,
            f"{self.base_url.rstrip('/')}{call.path}",
            params=call.query or None,
            data=call.form,
            headers={"X-Authy-API-Key": self.api_key},
            skip_auto_headers=("Content-Type",) if call.form is None else (),
            allow_redirects=False,  # the key must not travel to another host
            timeout=ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS),
            middlewares=(_sent_once,),
            trace_request_ctx=f"authy {call.purpose.value}",  # a path never names a span: it holds codes and people
        ) as response:
            body = await _body(response)
            try:
                return Answer(response.status, read_object(body), _retry_after(response))
            except Nonsense:
                raise Nonsense(f"HTTP {response.status} without a JSON object") from None


def _unavailable(call: Call, error: Exception) -> ProviderUnavailable:
    # aiohttp's messages hold the URL, and the URL holds codes and people: of them only the kind is logged.
    reason = str(error) if isinstance(error, Nonsense) else type(error).__name__
    log.warning("provider_unavailable", provider="authy", call=call.purpose.value, reason=reason)
    return ProviderUnavailable()


class LostAnswerError(ClientError):
    """The connection broke after the request may have gone."""


async def _sent_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keeps aiohttp from quietly sending a GET again: here a GET may cost a text message or spend a code."""
    try:
        return await handler(request)
    except (ClientOSError, ServerDisconnectedError):
        raise LostAnswerError from None


async def _body(response: ClientResponse) -> bytes:
    read = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        read += chunk
        if len(read) > MAX_ANSWER:
            raise Nonsense("length")
    return bytes(read)


def _retry_after(response: ClientResponse) -> int | None:
    """RFC 9110 section 10.2.3, in seconds; a date is not worth reading for a pause this short."""
    written = response.headers.get("Retry-After", "")
    is_seconds = written.isascii() and written.isdigit() and len(written) <= len(str(MAX_RETRY_AFTER))
    return min(int(written), MAX_RETRY_AFTER) if is_seconds else None

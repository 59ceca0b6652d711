"""One call of the API: sent, repeated where that can do no harm, and its refusal turned into an error."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
)

from countersign.bodies import read_object
from countersign.client.counting import Sends
from countersign.client.credentials import ClientCredentials
from countersign.client.errors import ApiError, NotSent, TooMany, Unavailable, UnexpectedAnswer, kind_of
from countersign.patience import Patience

MAX_BYTES: Final = 1024 * 1024
# How long after its first attempt a call may be repeated whose outcome is not known, in seconds.
NEVER: Final = 0.0
FREELY: Final = math.inf
# A refresh token that comes again within 10 s gets the same answer, later it ends the session: kept well below.
AS_A_REFRESH: Final = 7.0
Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True)
class Call:
    """What is asked.

    waits       seconds that the server may hold the answer back, on top of the usual patience
    done_if     refusals that mean success when an attempt before had no answer: what was to be ended has ended
    """

    method: str
    path: str
    repeat_for: float = NEVER
    token: str | None = field(default=None, repr=False)
    client: ClientCredentials | None = field(default=None, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    waits: float = 0.0
    done_if: tuple[type[ApiError], ...] = ()


class Calls:
    """Asks the API at `url`. Never follows a redirect: a token is for the server that it was meant for.

    issuer   the server's public address, where `url` is another (inside a network)
    """

    def __init__(
        self,
        http: ClientSession,
        url: str,
        patience: Patience | None = None,
        *,
        issuer: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.http, self.url, self.patience = http, url.rstrip("/"), patience or Patience()
        # Whom a client's assertion is for, wherever it is sent.
        self.issuer = (issuer or url).rstrip("/")
        self.monotonic, self.sleep = monotonic, sleep

    async def __call__(self, call: Call) -> Mapping[str, Any]:
        """The answer's members, {} for one without a body; raises a kind of `ApiError`."""
        begun, attempts, sends = self.monotonic(), 0, Sends()
        while True:
            try:
                return await self._attempt(call, begun, sends)
            except ApiError as refusal:
                sends.count -= isinstance(refusal, NotSent)
                if sends.count > 1 and isinstance(refusal, call.done_if):
                    return {}
                pause = self.patience.pause(attempts, refusal.retry_after)
                if not self._may_repeat(call, refusal, self.monotonic() - begun + pause):
                    raise
            await self.sleep(pause)
            attempts += 1

    def _may_repeat(self, call: Call, refusal: ApiError, then: float) -> bool:
        if then >= self.patience.budget + call.waits or isinstance(refusal, UnexpectedAnswer):
            return False
        # Nothing was sent: even what may be done once only has not been done.
        return isinstance(refusal, NotSent) or (isinstance(refusal, Unavailable | TooMany) and then < call.repeat_for)

    async def _attempt(self, call: Call, begun: float, sends: Sends) -> Mapping[str, Any]:
        left = self.patience.budget - (self.monotonic() - begun)
        seconds = max(0.001, min(left, self.patience.attempt) if call.repeat_for else left) + call.waits
        headers, form = self._presented(call)
        try:
            async with self.http.request(
                call.method,
                f"{self.url}{call.path}",
                json=call.json,
                data=form,
                headers=headers,
                timeout=ClientTimeout(total=seconds),
                allow_redirects=False,
                middlewares=sends.with_those_of(self.http) if call.done_if else None,
            ) as answer:
                return await read_answer(answer)
        except ClientConnectorCertificateError as stranger:
            raise UnexpectedAnswer(0, "certificate", "This is not the server it should be.") from stranger
        except (ClientConnectorError, ConnectionTimeoutError) as closed:
            raise NotSent(0, "unreachable", "No connection came about.") from closed
        except (ClientError, asyncio.TimeoutError, OSError) as broken:
            raise Unavailable(0, "no_answer", type(broken).__name__) from broken

    def _presented(self, call: Call) -> tuple[dict[str, str], Mapping[str, str] | None]:
        headers = {"Accept": "application/json", **call.headers}
        if call.token is not None:
            headers["Authorization"] = f"Bearer {call.token}"
        if call.client is None:
            return headers, call.form
        # Anew for every attempt: an assertion of a client is good once (RFC 7523 section 3).
        shown = call.client.present(self.issuer)
        return {**headers, **shown.headers}, {**(call.form or {}), **shown.form}


async def read_answer(answer: ClientResponse) -> Mapping[str, Any]:
    """The members of a good answer; raises what a bad one says."""
    if answer.status == 204:
        return {}
    try:
        document = await read_object(answer, MAX_BYTES) if answer.content_length != 0 else {}
    except ValueError:
        document = None
    if answer.status < 300 and document is not None:
        return document
    raise refusal_of(answer, document or {})


def refusal_of(answer: ClientResponse, document: Mapping[str, Any]) -> ApiError:
    """A problem document (RFC 9457) or an OAuth error (RFC 6749 section 5.2) as an error."""
    code = str(document.get("error", "unexpected_answer"))
    detail = str(document.get("detail", document.get("error_description", "")))
    spoken = {"error", "detail", "error_description", "title", "status", "type"}
    members = {name: value for name, value in document.items() if name not in spoken}
    retry_after = answer.headers.get("Retry-After", "")
    seconds = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
    return kind_of(answer.status, code)(answer.status, code, detail, members=members, retry_after=seconds)

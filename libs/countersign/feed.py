"""The feed of ended sessions, followed for as long as a service lives (`GET /v1/sessions/ended`)."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from jwt import PyJWTError

from countersign.client.calls import Calls
from countersign.client.credentials import ClientCredentials, ClientSecret
from countersign.client.errors import ApiError
from countersign.client.tokens import Tokens
from countersign.patience import Patience
from countersign.revocations import Revocations
from countersign.sse import EventReader

PATH: Final = "/v1/sessions/ended"
# A comment comes every 15 s: a connection that is silent for longer is dead.
SILENCE: Final = 20.0
CONNECT: Final = 3.0
# An operator's mistake is not mended by asking often.
LONGEST_WAIT: Final = 30.0
# Back within a second as a rule: for so long a session that was ended elsewhere may pass here.
PATIENCE: Final = Patience(first_pause=0.1, longest_pause=5.0)
log = logging.getLogger(__name__)


class FeedRefused(Exception):
    """The server answered something else than the feed."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"the feed of ended sessions answers {status}")
        self.retry_after = retry_after


# PyJWTError: a key that cannot sign. Said and tried again like any other outage.
BROKEN: Final = (ClientError, asyncio.TimeoutError, OSError, ValueError, FeedRefused, ApiError, PyJWTError)


@dataclass(frozen=True)
class FeedOfEnded:
    """Fills `revocations` from the server at `url`, over broken connections: `async with feed.followed(): ...`.

    issuer   the server's public address, where `url` is another (inside a network)
    """

    http: ClientSession
    url: str
    client: ClientCredentials
    revocations: Revocations
    issuer: str | None = None
    patience: Patience = PATIENCE
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    @asynccontextmanager
    async def followed(self) -> AsyncGenerator[None]:
        """Follows in the background until left."""
        task = asyncio.create_task(self.follow(), name="countersign-ended-sessions")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def follow(self) -> None:
        """Without end. What goes wrong is logged (once per outage as a warning) and tried again."""
        in_vain = 0
        while True:
            retry_after, before = None, self.revocations.last_id
            try:
                await self._once()
            except BROKEN as broken:
                retry_after = getattr(broken, "retry_after", None)
                log.log(logging.DEBUG if in_vain else logging.WARNING, "feed of ended sessions: %r", broken)
            finally:
                self.revocations.lose_touch()
            in_vain = 0 if self.revocations.last_id != before else in_vain + 1
            await self.sleep(min(LONGEST_WAIT, self.patience.pause(in_vain, retry_after)))

    async def _once(self) -> None:
        timeout = ClientTimeout(total=None, connect=CONNECT, sock_read=SILENCE)
        headers = {**await self._proof(), "Accept": "text/event-stream"}
        if self.revocations.last_id:
            headers["Last-Event-ID"] = self.revocations.last_id
        address = f"{self.url.rstrip('/')}{PATH}"
        async with self.http.get(address, headers=headers, timeout=timeout, allow_redirects=False) as answer:
            _require_feed(answer)
            reader = EventReader(self.revocations.last_id)
            async for piece in answer.content.iter_any():
                for event in reader.feed(piece):
                    self.revocations.hear(event)
                self.revocations.hear_anything()

    async def _proof(self) -> Mapping[str, str]:
        """The secret, or a token that the key gives: anew for each connection, so that none is kept until it ends."""
        if isinstance(self.client, ClientSecret):
            return self.client.present(self.url).headers
        tokens = Tokens(Calls(self.http, self.url, issuer=self.issuer), self.client)
        return {"Authorization": f"Bearer {(await tokens.for_service()).access_token}"}


def _require_feed(answer: ClientResponse) -> None:
    if answer.status != 200 or answer.content_type != "text/event-stream":
        text = answer.headers.get("Retry-After", "")
        raise FeedRefused(answer.status, float(text) if text.isascii() and text.isdigit() else None)

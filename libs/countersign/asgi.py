"""Any ASGI service behind Countersign, FastAPI and Starlette among them; no framework is imported.

    app.add_middleware(CountersignMiddleware, trust=trust, anyone={"/livez"})

Closed unless opened: every request and WebSocket needs a credential that is believed, but those for the exact paths in
`anyone`. `identity()` says who calls; `@requires(...)`, or `Depends(needs(...))` in FastAPI, asks for more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from contextlib import AsyncExitStack
from typing import Any, Final

from countersign.calling import ASKED, Asked, caller, identity, needs, require, requires
from countersign.errors import CannotTell, CountersignError, Insufficient, InvalidToken
from countersign.guard import Guard
from countersign.refusal import refusal_of
from countersign.trust import Trusts

__all__ = ["CountersignMiddleware", "caller", "identity", "needs", "require", "requires"]
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DENIAL: Final = "websocket.http.response"
POLICY_VIOLATION: Final = 1008


class CountersignMiddleware:
    """The middleware (ASGI 3). Answers as `countersign.aiohttp.protect` does; a refused WebSocket is not accepted."""

    def __init__(self, app: App, *, trust: Trusts, anyone: Collection[str] = ()) -> None:
        self.app, self.trust, self.anyone = app, trust, frozenset(anyone)
        self._guard: Guard | None = None
        self._opening = asyncio.Lock()
        self._kept = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; lifespan is where the service's own begin and end are."""
        match scope["type"]:
            case "lifespan":
                await self._live(scope, receive, send)
            case "http" | "websocket":
                await self._let_in(scope, receive, send)
            case _:
                # What a later standard brings is not passed on unseen.
                raise NotImplementedError(scope["type"])

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self.trust.open() as guard:
            self._guard = guard
            try:
                await self.app(scope, receive, send)
            finally:
                self._guard = None
                await self._kept.aclose()

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        guard = self._guard or await self._opened()
        answering = _Answering(send)
        try:
            found = None if scope["path"] in self.anyone else await guard.identify(_headers(scope))
        except (InvalidToken, CannotTell) as refused:
            await _refuse(refused, guard, scope, send)
            return
        token = ASKED.set(Asked(found, guard.clock))
        try:
            await self.app(scope, receive, answering)
        except Insufficient as refused:
            if answering.has_begun:
                raise
            await _refuse(refused, guard, scope, send)
        finally:
            ASKED.reset(token)

    async def _opened(self) -> Guard:
        # Servers and test clients without lifespan: opened by the first request, for good.
        async with self._opening:
            if self._guard is None:
                self._guard = await self._kept.enter_async_context(self.trust.open())
            return self._guard


class _Answering:
    """Passes messages on, and knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self.send, self.has_begun = send, False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self.send(message)


def _headers(scope: Scope) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


async def _refuse(refused: CountersignError, guard: Guard, scope: Scope, send: Send) -> None:
    refusal, prefix = refusal_of(refused, guard.realm), ""
    if scope["type"] == "websocket":
        if DENIAL not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
            return
        prefix = "websocket."
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in refusal.headers]
    headers.append((b"content-length", str(len(refusal.body)).encode()))
    await send({"type": f"{prefix}http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": refusal.body})

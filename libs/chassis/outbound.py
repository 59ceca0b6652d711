"""The HTTP client of a process: one session, bounded in time and in connections."""

from collections.abc import AsyncIterator, Callable

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web

from chassis.tracing import CALLS

HTTP: web.AppKey[ClientSession] = web.AppKey("HTTP", ClientSession)


def client_ctx(
    *, total: float = 10.0, connect: float = 2.0, limit: int = 200
) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`: a session under `HTTP` that keeps no cookies and follows no surprises."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        timeout = ClientTimeout(total=total, sock_connect=connect)
        connector = TCPConnector(limit=limit, keepalive_timeout=30)
        async with ClientSession(
            timeout=timeout, connector=connector, cookie_jar=DummyCookieJar(), trace_configs=app[CALLS]
        ) as session:
            app[HTTP] = session
            yield

    return ctx

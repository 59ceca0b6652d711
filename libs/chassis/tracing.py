"""Traces across processes (W3C Trace Context), if there is somewhere to send them. Without, nothing of it is loaded."""

from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Protocol

from aiohttp import TraceConfig, web
from redis.asyncio import Redis

from chassis.settings import ProcessSettings

# Whose `traceparent` is believed. A stranger's would tie his requests to traces of others, or have all of his recorded.
BELIEVES: web.AppKey[Callable[[web.Request], bool]] = web.AppKey("BELIEVES")
# For the clients of this process: each of their calls becomes part of the trace.
CALLS: web.AppKey[list[TraceConfig]] = web.AppKey("CALLS", list)

# For clients of Valkey that are made here: each of their commands becomes part of the trace.
WATCHES: web.AppKey[list[Callable[[Redis], None]]] = web.AppKey("WATCHES", list)


def watch_valkey(app: web.Application, client: Redis) -> None:
    """Tells whoever traces of a new client."""
    for watch in app[WATCHES]:
        watch(client)


class Request(Protocol):
    """The request that is being answered, as a part of its trace."""

    @property
    def traceparent(self) -> str:
        """By which it is found (W3C Trace Context, section 3.2); "" where it is not recorded."""

    def follow(self, traceparent: str) -> None:
        """Links it to that one."""


CURRENT: ContextVar[Request | None] = ContextVar("traced request", default=None)


def traceparent() -> str:
    """The present request, for whoever goes on with it later, in a trace of its own; "" where nothing is traced."""
    current = CURRENT.get()
    return current.traceparent if current is not None else ""


def follow(traceparent: str) -> None:
    """The present request goes on with what that one began."""
    current = CURRENT.get()
    if current is not None and traceparent:
        current.follow(traceparent)


def believe_nobody(_request: web.Request) -> bool:
    """A process that strangers reach."""
    return False


def believe_everybody(_request: web.Request) -> bool:
    """A process that only peers reach."""
    return True


def trace(app: web.Application, settings: ProcessSettings, service: str) -> None:
    """Before the application starts: every request of it is traced from now on, if COUNTERSIGN_OTLP_ENDPOINT is set."""
    if settings.otlp_endpoint is None:
        return
    from chassis.traces import Traces  # noqa: PLC0415 twenty MiB that nobody needs who does not trace

    traces = Traces.to(settings.otlp_endpoint, service, settings.otlp_sample)
    app.middlewares.insert(0, traces.requests(app[BELIEVES]))
    app[CALLS].append(traces.calls())
    app[WATCHES].append(traces.watch_valkey)

    async def ctx(_app: web.Application) -> AsyncIterator[None]:
        traces.watch_stores()
        yield
        await traces.close()

    # First in, last out: what others do while they stop is still sent.
    app.cleanup_ctx.insert(0, ctx)

"""Traces across processes (W3C Trace Context), if there is somewhere to send them. Without, nothing of it is loaded."""

from collections.abc import AsyncIterator, Callable

from aiohttp import TraceConfig, web

from chassis.settings import ProcessSettings

# Whose `traceparent` is believed. A stranger's would tie his requests to traces of others, or have all of his recorded.
BELIEVES: web.AppKey[Callable[[web.Request], bool]] = web.AppKey("BELIEVES")
# For the clients of this process: each of their calls becomes part of the trace.
CALLS: web.AppKey[list[TraceConfig]] = web.AppKey("CALLS", list)


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

    async def ctx(_app: web.Application) -> AsyncIterator[None]:
        traces.watch_stores()
        yield
        await traces.close()

    # First in, last out: what others do while they stop is still sent.
    app.cleanup_ctx.insert(0, ctx)

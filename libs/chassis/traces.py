"""Spans of requests, of calls to others and of stores, sent by OTLP over HTTP.

Imported only where traces are wanted. A span holds names and numbers of ours and nothing else: no address, no header,
no message of an exception (`discreet.py` sees to that, whoever made the span).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientSession, TraceConfig, TraceRequestEndParams, TraceRequestExceptionParams, web
from aiohttp import TraceRequestStartParams as Start
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, TraceState
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes
from redis.asyncio import Redis

from chassis import VERSION
from chassis.accounting import UNMEASURED, route_of
from chassis.discreet import Discreet
from chassis.event_stream import Begun
from chassis.request import CLIENT_GONE, EXTRA, METHODS, REFUSAL, Asked, Remains, note
from chassis.tracing import CURRENT

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SEND_SECONDS, EVERY_MS = 5, 1000
_w3c = TraceContextTextMapPropagator()


class _OnlyRequests(Sampler):
    """A trace begins with a request: what a process does by itself, at every beat, would bury all others."""

    def __init__(self, share: float) -> None:
        self.share = TraceIdRatioBased(share)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        if kind is not SpanKind.SERVER:
            return SamplingResult(Decision.DROP)
        return self.share.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return f"requests, {self.share.get_description()}"


@dataclass(frozen=True)
class Traces:
    """The traces of one process."""

    provider: TracerProvider
    tracer: trace.Tracer

    @classmethod
    def to(cls, endpoint: str, service: str, share: float) -> "Traces":
        """Sends to the collector at `endpoint`; `share` of those that begin here are recorded."""
        resource = Resource.create({SERVICE_NAME: f"countersign-{service}", SERVICE_VERSION: VERSION})
        provider = TracerProvider(resource=resource, sampler=ParentBased(_OnlyRequests(share)))
        exporter = Discreet(OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=SEND_SECONDS))
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EVERY_MS))
        return cls(provider, provider.get_tracer("countersign", VERSION))

    def watch_stores(self) -> None:
        """Spans for every query and command, its values left out."""
        for instrumentor in _stores():
            instrumentor.instrument(tracer_provider=self.provider)

    def watch_valkey(self, client: Redis) -> None:
        """The same for a client whose class has a way of its own of sending a command."""
        RedisInstrumentor.instrument_client(client, tracer_provider=self.provider)

    async def close(self) -> None:
        """Sends what is left; a collector that does not answer holds nobody up."""
        for instrumentor in _stores():
            instrumentor.uninstrument()
        await asyncio.to_thread(self.provider.force_flush, SEND_SECONDS * 1000)
        await asyncio.to_thread(self.provider.shutdown)

    def requests(self, believes: Callable[[web.Request], bool]) -> "Callable[..., Awaitable[web.StreamResponse]]":
        """The outermost middleware: a span for each request, in the trace it says it belongs to if it is believed."""

        @web.middleware
        async def traced(request: web.Request, handler: Handler) -> web.StreamResponse:
            route = route_of(request)
            if route in UNMEASURED:
                return await handler(request)
            # An empty one, not the process's own: a task that served another request may have left something there.
            parent = _w3c.extract(request.headers, Context()) if believes(request) else Context()
            method = request.method if request.method in METHODS else "_OTHER"
            about = {"http.request.method": method, "http.route": route}
            span = self.tracer.start_span(f"{method} {route}", parent, SpanKind.SERVER, about)
            note(request, trace_id=trace.format_trace_id(span.get_span_context().trace_id))
            token = context.attach(trace.set_span_in_context(span))
            current = CURRENT.set(_Followed(span))
            status, stream = CLIENT_GONE, None
            try:
                response = await handler(request)
                status = response.status
                stream = response.stream if isinstance(response, Begun) else None
            except web.HTTPException as exit_:
                status = exit_.status
                raise
            else:
                return response
            finally:
                CURRENT.reset(current)
                context.detach(token)
                if stream is None:
                    _end_request(span, request, status)
                else:
                    stream.upon_end(partial(_end_request, span, Remains(request)))

        return traced

    def calls(self) -> TraceConfig:
        """For a `ClientSession`: a span for each call, and the trace goes along. `trace_request_ctx` may name it."""

        async def start(_session: ClientSession, call: SimpleNamespace, asked: Start) -> None:
            name = call.trace_request_ctx or asked.method
            call.span = self.tracer.start_span(str(name), kind=SpanKind.CLIENT)
            call.span.set_attribute("http.request.method", asked.method)
            call.span.set_attribute("server.address", asked.url.host or "")
            call.span.set_attribute("server.port", asked.url.port or 0)
            # What a client of ours sent as its own trace goes no further than to us.
            asked.headers.popall("tracestate", None)
            _w3c.inject(asked.headers, trace.set_span_in_context(call.span))

        async def end(_session: ClientSession, call: SimpleNamespace, answered: TraceRequestEndParams) -> None:
            status = answered.response.status
            call.span.set_attribute("http.response.status_code", status)
            if status >= 400:
                call.span.set_status(StatusCode.ERROR)
            call.span.end()

        async def fail(_session: ClientSession, call: SimpleNamespace, failed: TraceRequestExceptionParams) -> None:
            call.span.set_attribute("error.type", type(failed.exception).__name__)
            call.span.set_status(StatusCode.ERROR)
            call.span.end()

        config = TraceConfig()
        config.on_request_start.append(start)
        config.on_request_end.append(end)
        config.on_request_exception.append(fail)
        return config


@dataclass(frozen=True)
class _Followed:
    """Implements `tracing.Request`. Linked once to each request of another trace, whatever asks for it."""

    span: Span
    known: set[str] = field(default_factory=set)

    @property
    def traceparent(self) -> str:
        carrier: dict[str, str] = {}
        _w3c.inject(carrier, trace.set_span_in_context(self.span))
        return carrier.get("traceparent", "") if self.span.is_recording() else ""

    def follow(self, traceparent: str) -> None:
        there = trace.get_current_span(_w3c.extract({"traceparent": traceparent}, Context())).get_span_context()
        is_ours = there.trace_id == self.span.get_span_context().trace_id
        if self.span.is_recording() and there.is_valid and not is_ours and traceparent not in self.known:
            self.known.add(traceparent)
            self.span.add_link(there)


def _stores() -> tuple[Any, ...]:
    return AsyncPGInstrumentor(), RedisInstrumentor()  # type: ignore[no-untyped-call]  # one of them is not annotated


def _end_request(span: Span, request: Asked, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    for name, fact in (request.get(EXTRA) or {}).items():
        span.set_attribute(f"countersign.{name}", str(fact))
    refusal = request.get(REFUSAL)
    if refusal is not None:
        span.set_attribute("error.type", refusal)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
    span.end()

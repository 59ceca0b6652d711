"""Traces: who is believed, what goes along, and what may never leave."""

import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import SpanKind

from chassis.discreet import Discreet
from chassis.process import create_app
from chassis.request import note
from chassis.traces import Traces, _OnlyRequests
from chassis.tracing import believe_everybody, believe_nobody, follow, traceparent
from tools.devstack.engines import ROOT

Client = Callable[[web.Application], Awaitable[TestClient[Any, Any]]]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
THEIRS = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "tracestate": "vendor=value"}


class Watched:
    """An application whose spans are kept."""

    def __init__(self, *, believes: bool = True, share: float = 1) -> None:
        self.kept = InMemorySpanExporter()
        provider = TracerProvider(sampler=ParentBased(_OnlyRequests(share)))
        provider.add_span_processor(SimpleSpanProcessor(Discreet(self.kept)))
        self.traces = Traces(provider, provider.get_tracer("test"))
        self.app = create_app([])
        self.app.middlewares.insert(0, self.traces.requests(believe_everybody if believes else believe_nobody))
        self.app.router.add_get("/things/{id}", thing)
        self.app.router.add_get("/heard", heard)

    def spans(self) -> list[ReadableSpan]:
        return list(self.kept.get_finished_spans())

    def trace_ids(self) -> set[str]:
        return {f"{span.get_span_context().trace_id:032x}" for span in self.spans()}


async def thing(request: web.Request) -> web.Response:
    note(request, user="u-1", password="hunter2")
    return web.Response(text="x")


async def heard(request: web.Request) -> web.Response:
    return web.json_response(dict(request.headers))


async def test_a_believed_caller_says_which_trace_it_is(aiohttp_client: Client) -> None:
    watched = Watched()
    await (await aiohttp_client(watched.app)).get("/things/1", headers=THEIRS)
    assert watched.trace_ids() == {TRACE}


async def test_a_strangers_trace_is_not_joined(aiohttp_client: Client) -> None:
    watched = Watched(believes=False)
    await (await aiohttp_client(watched.app)).get("/things/1", headers=THEIRS)
    assert len(watched.trace_ids()) == 1
    assert TRACE not in watched.trace_ids()


async def test_a_stranger_cannot_have_everything_recorded(aiohttp_client: Client) -> None:
    watched = Watched(believes=False, share=0)
    await (await aiohttp_client(watched.app)).get("/things/1", headers=THEIRS)
    assert watched.spans() == []


@pytest.mark.parametrize("nonsense", ["", "00-zz-zz-01", f"00-{TRACE}-00f067aa0ba902b7", "x" * 5000])
async def test_a_trace_that_cannot_be_read_is_none(aiohttp_client: Client, nonsense: str) -> None:
    watched = Watched()
    answer = await (await aiohttp_client(watched.app)).get("/things/1", headers={"traceparent": nonsense})
    assert answer.status == 200
    assert len(watched.trace_ids()) == 1


async def test_a_span_names_the_route_and_what_may_be_known(aiohttp_client: Client) -> None:
    watched = Watched()
    await (await aiohttp_client(watched.app)).get("/things/123456?token=abc")
    (span,) = watched.spans()
    assert span.name == "GET /things/{id}"
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/things/{id}",
        "http.response.status_code": 200,
        "countersign.user": "u-1",
    }


async def test_a_request_that_goes_on_with_another_is_linked_to_it_once_and_to_no_part_of_itself(
    aiohttp_client: Client,
) -> None:
    watched, begun = Watched(), f"00-{'ab' * 16}-{'cd' * 8}-01"

    async def goes_on(_request: web.Request) -> web.Response:
        for each in (begun, begun, traceparent(), "", "nonsense"):
            follow(each)
        return web.Response(text=traceparent())

    watched.app.router.add_get("/goes-on", goes_on)
    said = await (await (await aiohttp_client(watched.app)).get("/goes-on")).text()
    (span,) = watched.spans()
    assert [f"{link.context.trace_id:032x}" for link in span.links] == ["ab" * 16]
    where = span.get_span_context()
    assert said.startswith(f"00-{where.trace_id:032x}-{where.span_id:016x}-")
    assert (traceparent(), follow(begun)) == ("", None), "outside of a request there is nothing to link"


async def test_a_request_that_is_not_recorded_is_told_to_nobody(aiohttp_client: Client) -> None:
    watched = Watched(share=0)

    async def tells(_request: web.Request) -> web.Response:
        return web.Response(text=traceparent())

    watched.app.router.add_get("/tells", tells)
    assert await (await (await aiohttp_client(watched.app)).get("/tells")).text() == ""


async def test_a_call_carries_the_trace_on_and_its_address_stays_here(aiohttp_client: Client) -> None:
    watched = Watched()
    url = (await aiohttp_client(watched.app)).make_url("/heard")
    with watched.traces.tracer.start_as_current_span("request", kind=SpanKind.SERVER) as outer:
        async with (
            ClientSession(trace_configs=[watched.traces.calls()]) as session,
            session.get(url.with_query(code="123456"), headers=THEIRS) as answer,
        ):
            told = await answer.json()
    trace = f"{outer.get_span_context().trace_id:032x}"
    assert told["traceparent"].startswith(f"00-{trace}-")
    assert "tracestate" not in told
    call = next(span for span in watched.spans() if span.kind is SpanKind.CLIENT)
    assert call.name == "GET"
    assert "123456" not in call.to_json()


async def test_a_call_that_fails_tells_its_kind_alone() -> None:
    watched = Watched()
    with watched.traces.tracer.start_as_current_span("request", kind=SpanKind.SERVER):
        async with ClientSession(trace_configs=[watched.traces.calls()]) as session:
            with pytest.raises(OSError):
                await session.get("http://127.0.0.1:1/verify/123456/77", trace_request_ctx="authy check_code")
    call = next(span for span in watched.spans() if span.kind is SpanKind.CLIENT)
    assert (call.name, (call.attributes or {})["error.type"]) == ("authy check_code", "ClientConnectorError")
    assert "verify" not in call.to_json()


def test_what_an_exception_says_does_not_leave() -> None:
    watched = Watched()
    statement = {"db.statement": "INSERT INTO users VALUES ($1)", "db.statement.parameters": "('ada@example.com',)"}
    inserting = watched.traces.tracer.start_as_current_span("INSERT", kind=SpanKind.SERVER, attributes=statement)
    with pytest.raises(ValueError, match="ada@"), inserting:
        raise ValueError("Key (email)=(ada@example.com) already exists")
    (sent,) = watched.spans()
    assert "ada@" not in sent.to_json()
    assert "INSERT INTO users" in sent.to_json()


def test_what_a_process_does_by_itself_is_no_trace() -> None:
    watched = Watched()
    with watched.traces.tracer.start_as_current_span("XREAD", kind=SpanKind.CLIENT):
        pass
    assert watched.spans() == []


def test_without_a_collector_nothing_of_it_is_loaded() -> None:
    code = (
        "import sys, chassis.process, gateway.app, services.auth.app, services.twofactor.app\n"
        # redis-py loads a part of opentelemetry where it finds it; what is heavy is ours to ask for.
        "heavy = ('opentelemetry.exporter', 'opentelemetry.instrumentation', 'google.protobuf', 'requests')\n"
        "sys.exit(any(name.startswith(heavy) for name in sys.modules))"
    )
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'libs'}"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=path, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()

"""One login as its operator sees it: one trace through every process and the vendor, numbers, and lines that lead on."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.architecture.test_observability import EXPRESSIONS
from tests.fakes.collector import Collector, Seen, collecting
from tests.fakes.promql import OF_THE_TARGET, asked_by
from tests.fakes.whole_system import whole_system
from tools.demo.story import Story
from tools.devstack.stack import Stack

pytestmark = pytest.mark.slow
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OURS = {"countersign-gateway", "countersign-auth", "countersign-twofactor"}

EXPECTED = {
    ("gateway", "POST /v1/login"),
    ("auth", "POST /v1/login"),
    ("gateway", "POST /v1/mfa/challenges"),
    ("twofactor", "POST /v1/mfa/challenges"),
    ("twofactor", "authy push"),
    ("gateway", "POST /oauth2/token"),
    ("twofactor", "POST /v1/mfa/receipts"),
    ("auth", "POST /oauth2/token"),
    ("gateway", "GET /{path}"),
}

# What one request is made of, by nobody's `traceparent`.
WHOLE = {
    "password": {("gateway", "POST /v1/login"), ("auth", "POST /v1/login")},
    "asked": {
        ("gateway", "POST /v1/mfa/challenges"),
        ("twofactor", "POST /v1/mfa/challenges"),
        ("twofactor", "authy push"),
    },
    "called": {("gateway", "POST /callbacks/authy"), ("twofactor", "POST /callbacks/authy")},
    "waited": {("gateway", "GET /v1/mfa/challenges/{id}"), ("twofactor", "GET /v1/mfa/challenges/{id}")},
    "receipt": {
        ("gateway", "POST /oauth2/token"),
        ("twofactor", "POST /v1/mfa/receipts"),
        ("auth", "POST /oauth2/token"),
    },
}


def is_whole(spans: list[Seen]) -> bool:
    """All is there, and no span hangs in the air: its parent is another one, or what the proxy sent."""
    known = {span.span for span in spans} | {"00f067aa0ba902b7"}
    return names(spans) >= EXPECTED and all(span.parent in known for span in spans)


def names(spans: list[Seen]) -> set[tuple[str, str]]:
    return {(span.service.removeprefix("countersign-"), span.name) for span in spans}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(collector: Collector) -> Iterator[Stack]:
    """A system whose traces are collected, behind a proxy on this machine."""
    with whole_system(OTLP_ENDPOINT=collector.url, TRUSTED_PROXIES="127.0.0.1/32") as stack:
        yield stack


async def until(collector: Collector, is_there: Callable[[list[Seen]], bool]) -> list[Seen]:
    give_up = time.monotonic() + 30
    while not is_there(spans := collector.of(TRACE)):
        assert time.monotonic() < give_up, [(span.service, span.name) for span in spans]
        await asyncio.sleep(0.1)
    return spans


async def test_a_login_is_one_trace_and_nothing_secret_is_in_it(traced: Stack, collector: Collector) -> None:
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Forwarded-For": "203.0.113.7"}
    async with ClientSession(headers=headers) as http:
        story = Story(http, traced.url, traced.simulator_url, lambda *_: None)
        await story.run()
    spans = await until(collector, is_whole)
    assert {span.service for span in spans} == OURS
    assert {"postgresql", "redis"} <= {span.attributes.get("db.system") for span in spans}
    everything = " ".join(span.raw for span in collector.spans)
    for secret in (story.email, story.password, story.number, story.number.replace(" ", ""), "Bearer", "eyJ"):
        assert secret not in everything, secret
    line = await line_of(traced, "gateway", lambda line: line.get("route") == "/v1/login")
    assert line["trace_id"] == TRACE
    assert line["user"]


async def test_a_login_in_many_traces_is_found_by_its_id_and_by_links_to_the_one_that_asked(
    traced: Stack, collector: Collector
) -> None:
    """Nobody ties these requests together, as no browser does; nor does the vendor, who calls back."""
    async with ClientSession() as http:
        await Story(http, traced.url, traced.simulator_url, lambda *_: None).run()

    def newest(service: str, name: str) -> Seen | None:
        found = [s for s in collector.spans if (s.service, s.name) == (f"countersign-{service}", name)]
        return found[-1] if found and found[-1].trace != TRACE else None

    wanted = {
        "asked": ("twofactor", "POST /v1/mfa/challenges"),
        "called": ("twofactor", "POST /callbacks/authy"),
        "waited": ("twofactor", "GET /v1/mfa/challenges/{id}"),
        "typed": ("twofactor", "POST /v1/mfa/challenges/{id}/code"),
        "receipt": ("twofactor", "POST /v1/mfa/receipts"),
        "password": ("auth", "POST /v1/login"),
    }
    give_up = time.monotonic() + 30
    while not all(spans := {what: newest(*name) for what, name in wanted.items()}.values()):
        assert time.monotonic() < give_up, spans
        await asyncio.sleep(0.1)
    seen = {what: span for what, span in zip(wanted, spans, strict=True) if span}
    assert len({span.trace for span in seen.values()}) == 6, "six requests, six traces"
    assert len({span.attributes["countersign.login"] for span in seen.values()}) == 1
    for what in ("called", "waited", "typed", "receipt"):
        assert seen[what].links == {seen["asked"].trace}, what
    assert seen["called"].attributes["countersign.challenge"]
    # Each of them is whole: from the gateway through every process to the vendor.
    for what, spans_of in WHOLE.items():
        while not names(collector.of(seen[what].trace)) >= spans_of:
            assert time.monotonic() < give_up, (what, names(collector.of(seen[what].trace)))
            await asyncio.sleep(0.1)


async def test_a_line_leads_from_the_page_to_every_process(stack: Stack) -> None:
    async with ClientSession() as http:
        async with http.get(f"{stack.url}/nothing-is-here", headers={"Accept": "text/html"}) as page:
            assert page.status == 404
            shown = re.search(r"<code>([0-9a-f]{32})</code>", await page.text())
        body = {"email": "nobody@example.com", "password": "wrong horse battery"}
        async with http.post(f"{stack.url}/v1/login", json=body) as refused:
            reference = refused.headers["X-Request-ID"]
    assert shown is not None
    line = await line_of(stack, "gateway", lambda line: line.get("request_id") == shown[1])
    assert (line["status"], line["refusal"], line["route"]) == (404, "NotForwarded", "/{path}")
    for service in ("gateway", "auth"):
        line = await line_of(stack, service, lambda line: line.get("request_id") == reference and "route" in line)
        assert (line["status"], line["route"], line["refusal"]) == (401, "/v1/login", "InvalidCredentials")
        assert line["ms"] > 0


async def test_what_alerts_and_dashboard_ask_for_is_what_running_processes_show(stack: Stack) -> None:
    async with ClientSession() as http:
        await Story(http, stack.url, stack.simulator_url, lambda *_: None).run()
        shown = [await scraped(http, stack, name) for name in stack.ports.metrics]
        async with http.get(f"{stack.url}/metrics") as public:
            assert public.status == 404, "the public port shows nothing"
    types = {name for text in shown for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}
    labels: dict[str, set[str]] = {}
    for name, found in (match for text in shown for match in re.findall(r"^(\w+)\{(.*)\} ", text, re.MULTILINE)):
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', found))
    for asked in (asked for expression in EXPRESSIONS for asked in asked_by(expression)):
        if asked.metric == "up":
            continue
        family = re.sub(r"_(bucket|count|sum)\Z", "", asked.metric)
        assert {family, asked.metric} & types, asked.metric
        assert asked.labels - OF_THE_TARGET <= labels.get(asked.metric, set()), asked


async def scraped(http: ClientSession, stack: Stack, name: str) -> str:
    async with http.get(f"http://127.0.0.1:{stack.ports.metrics[name]}/metrics") as answer:
        assert answer.status == 200
        return await answer.text()


async def line_of(stack: Stack, service: str, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first line of a process's log that is the one; lines of requests that went well may wait a moment."""
    give_up = time.monotonic() + 10
    while True:
        text = (stack.data / "logs" / f"{service}.log").read_text(errors="replace")
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
        found = next((line for line in lines if is_it(line)), None)
        if found is not None:
            return dict(found)
        assert time.monotonic() < give_up, f"no such line in {service}.log"
        await asyncio.sleep(0.05)

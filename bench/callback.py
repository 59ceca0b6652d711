"""Bar 5: from Authy's callback to the waiting browser, and to the session; and what those who wait cost."""

import asyncio
import resource
import time
from collections.abc import Mapping
from typing import Any

import psutil
from aiohttp import ClientSession

from bench.crowd import A_LOGIN, bare_crowd, crowd, until
from bench.people import CHEAP_HASH, Client, client_session, our_processes, system
from bench.placing import aside, hold, placement
from bench.processes import Server, serving
from bench.rounds import Findings, Plan, Row, Sample, Tell, Verdict
from tools.authy_simulator import API_KEY
from tools.authy_simulator.callbacks.letter import write_letter
from tools.demo.story import bearer
from tools.devstack.free_port import free_port
from tools.devstack.stack import Stack

WAITERS = 10_000
MOST_KIB = 16.0


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return plan.rounds + 3


def run(plan: Plan, tell: Tell) -> Findings:
    """Callbacks one after the other, then ten thousand waiters, as many as descriptors allow."""
    allowed, placed = _raise_descriptors(), placement()
    waiters = min(200 if plan.is_quick else WAITERS, (allowed - 500) // A_LOGIN * A_LOGIN)
    settings = {**CHEAP_HASH, "WAITERS": "20000", "CHALLENGE_TTL": "300", "PUSH_BINDING": "none"}
    with aside(placed), system(settings) as stack:
        for process in our_processes(stack):
            hold(process.pid, placed.ours)
        told, held, kib, bare = asyncio.run(_story(stack, plan, waiters, tell))
    verdicts = [
        Verdict(5, "callback sent -> browser told, p50", told.median("p50_ms"), 5, "ms", is_most=True),
        Verdict(5, "callback sent -> browser told, p99", told.median("p99_ms"), 15, "ms", is_most=True),
        Verdict(5, "callback sent -> session in hand, p50", held.median("p50_ms"), 15, "ms", is_most=True),
        Verdict(5, f"memory a waiter, {waiters} of them on one process", kib, MOST_KIB, "KiB", is_most=True),
    ]
    notes = [
        f"{_a_round(plan)} callbacks a round, one by one, from before they are sent; pushes that Approve alone settles",
        f"a bare aiohttp handler that waits, asked with the same headers: {bare:.1f} KiB each",
        f"descriptors allowed: {allowed}; {placed.told}",
    ]
    return Findings("callback", [told, held], verdicts, notes)


def _a_round(plan: Plan) -> int:
    return 15 if plan.is_quick else 100


async def _story(stack: Stack, plan: Plan, waiters: int, tell: Tell) -> tuple[Row, Row, float, float]:
    told, held = Row("told"), Row("session in hand")
    async with client_session() as http:
        client = Client(http, stack.url)
        tell("warm-up")
        await _callbacks(client, stack, 10)
        for number in range(1, plan.rounds + 1):
            tell(f"callbacks, round {number} of {plan.rounds}")
            times = await _callbacks(client, stack, _a_round(plan))
            for row, found in zip((told, held), zip(*times, strict=True), strict=True):
                row.samples.append(_sample(found))
        tell(f"{waiters} waiters")
        gateway = Server(stack.url, psutil.Process(stack.processes["gateway"].pid))
        kib = await crowd(client, gateway, waiters)
        tell("a bare handler")
        port = free_port()
        with serving("bench.floors", "wait", str(port), port=port) as floor:
            token = await client.password(await client.register())
            bare = await bare_crowd(http, floor, waiters // 5, token)
    return told, held, kib, bare


def _sample(seconds: tuple[float, ...]) -> Sample:
    ordered = sorted(seconds)
    p50, p99 = (ordered[int(share * (len(ordered) - 1))] * 1e3 for share in (0.5, 0.99))
    return Sample(0, 0, p50, p99)


async def _callbacks(client: Client, stack: Stack, many: int) -> list[tuple[float, float]]:
    return [await _one(client, stack) for _ in range(many)]


async def _one(client: Client, stack: Stack) -> tuple[float, float]:
    """Seconds until the browser is told, and until it has its session."""
    person = await client.register()
    partial = await client.password(person)
    challenge = await client.post("/v1/mfa/challenges", 201, json={"channel": "push"}, headers=bearer(partial))
    phone = f"{stack.simulator_url}/control/phones/44-{person.number}"
    async with client.http.get(phone) as answer:
        letter = _letter(stack, await answer.json())
    events = f"{stack.url}/v1/mfa/challenges/{challenge['id']}/events"
    async with client.http.get(events, headers=bearer(partial)) as stream:
        await until(stream, b"pending")
        began = time.perf_counter()
        sent = asyncio.create_task(_send(client.http, letter))
        await until(stream, b"approved")
        told = time.perf_counter() - began
        await client.exchange(partial)
        held = time.perf_counter() - began
        await sent
    return told, held


def _letter(stack: Stack, phone: Mapping[str, Any]) -> Any:
    request = phone["approval_requests"][0]
    said = {name: request[name] for name in ("uuid", "message", "details", "hidden_details")}
    transaction = {**said, "status": "approved", "flagged": False, "encrypted": False, "requester_details": None}
    body = {
        "authy_id": phone["authy_id"],
        "status": "approved",
        "uuid": request["uuid"],
        "callback_action": "approval_request_status",
        "approval_request": {"transaction": transaction, "logos": None},
    }
    url = f"{stack.url}/callbacks/authy"
    return write_letter(api_key=API_KEY, nonce=str(int(time.time())), method="POST", url=url, body=body)


async def _send(http: ClientSession, letter: Any) -> None:
    async with http.post(letter.url, data=letter.body, headers=letter.headers) as answer:
        answer.raise_for_status()


def _raise_descriptors() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most

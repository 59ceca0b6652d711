"""Bar 5: from Authy's callback to the waiting browser, and to the session; and what those who wait cost."""

import asyncio
import resource
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import psutil
from aiohttp import ClientSession

from bench.people import CHEAP_HASH, Client, client_session, side_by_side, system
from bench.processes import resident
from bench.rounds import Findings, Plan, Row, Sample, Tell, Verdict
from tools.authy_simulator import API_KEY
from tools.authy_simulator.callbacks.letter import write_letter
from tools.demo.story import bearer
from tools.devstack.stack import Stack

WAITERS, A_LOGIN = 10_000, 100
MOST_KIB = 16.0


def count(_plan: Plan) -> int:
    """Steps of the progress bar."""
    return 4


def run(plan: Plan, tell: Tell) -> Findings:
    """Callbacks one after the other, then ten thousand waiters, as many as descriptors allow."""
    allowed = _raise_descriptors()
    waiters = min(200 if plan.is_quick else WAITERS, (allowed - 500) // A_LOGIN * A_LOGIN)
    with system({**CHEAP_HASH, "WAITERS": "20000", "CHALLENGE_TTL": "300", "PUSH_BINDING": "none"}) as stack:
        told, held, kib = asyncio.run(_story(stack, plan, waiters, tell))
    verdicts = [
        Verdict(5, "callback sent -> browser told, p50", told.median("p50_ms"), 5, "ms", is_most=True),
        Verdict(5, "callback sent -> browser told, p99", told.median("p99_ms"), 15, "ms", is_most=True),
        Verdict(5, "callback sent -> session in hand, p50", held.median("p50_ms"), 15, "ms", is_most=True),
        Verdict(5, f"memory a waiter, {waiters} of them on one process", kib, MOST_KIB, "KiB", is_most=True),
    ]
    notes = [f"descriptors allowed: {allowed}; from before the callback is sent; a push that Approve alone settles"]
    return Findings("callback", [told, held], verdicts, notes)


async def _story(stack: Stack, plan: Plan, waiters: int, tell: Tell) -> tuple[Row, Row, float]:
    async with client_session() as http:
        client = Client(http, stack.url)
        tell("people register")
        times = await _callbacks(client, stack, 15 if plan.is_quick else 150, tell)
        kib = await _crowd(client, stack, waiters, tell)
    told, held = Row("told"), Row("session in hand")
    for row, place in ((told, 0), (held, 1)):
        ordered = sorted(found[place] for found in times)
        at = [ordered[int(share * (len(ordered) - 1))] * 1e3 for share in (0.5, 0.99)]
        row.samples.append(Sample(0, 0, at[0], at[1]))
    return told, held, kib


async def _callbacks(client: Client, stack: Stack, many: int, tell: Tell) -> list[tuple[float, float]]:
    tell("callbacks")
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
        await _until(stream.content, b"pending")
        began = time.perf_counter()
        sent = asyncio.create_task(_send(client.http, letter))
        await _until(stream.content, b"approved")
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


async def _until(content: Any, word: bytes) -> None:
    while word not in await content.readline():
        pass


async def _crowd(client: Client, stack: Stack, waiters: int, tell: Tell) -> float:
    """KiB of the gateway's memory for each who waits."""
    tell(f"{waiters} waiters")
    process = psutil.Process(stack.processes["gateway"].pid)
    async with AsyncExitStack() as open_:
        asked = await side_by_side([partial(_challenge, client)] * (waiters // A_LOGIN), 8)
        before = resident(process)

        async def wait(partial_token: str, challenge: str) -> None:
            address, headers = f"{stack.url}/v1/mfa/challenges/{challenge}/events", bearer(partial_token)
            stream = await open_.enter_async_context(client.http.get(address, headers=headers))
            while stream.status == 503:
                # As a browser does: too many came at once, and one comes again.
                stream.release()
                await asyncio.sleep(1)
                stream = await open_.enter_async_context(client.http.get(address, headers=headers))
            stream.raise_for_status()
            await _until(stream.content, b"pending")

        await side_by_side([partial(wait, *pair) for pair in asked for _ in range(A_LOGIN)], 16)
        return (resident(process) - before) / waiters / 1024


async def _challenge(client: Client) -> tuple[str, str]:
    partial = await client.password(await client.register())
    challenge = await client.post("/v1/mfa/challenges", 201, json={"channel": "push"}, headers=bearer(partial))
    return partial, str(challenge["id"])


def _raise_descriptors() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most

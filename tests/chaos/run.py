"""One fault, under load: sign-ins before it, during it and after it, and what the observer says when all are done."""

import asyncio
import time
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from tests.chaos.asking import Asking, new_address
from tests.chaos.faults import Fault
from tests.chaos.ledger import Ledger
from tests.chaos.observer import Finding, judge
from tests.chaos.people import Person, Says, crowd
from tests.chaos.system import System

CROWD = 6
BEFORE_SECONDS = 1.0
DRAIN_SECONDS = 60.0
RECOVERY_SECONDS = 30.0


@dataclass(frozen=True)
class Outcome:
    """One line of the table. `recovery` in seconds after the fault was over; None if nobody got in within 30 s."""

    name: str
    requests: int
    refused: int
    cut: int
    signed_in: int
    begun_anew: int
    recovery: float | None
    finding: Finding

    @property
    def is_good(self) -> bool:
        return self.finding.is_clean and self.recovery is not None


async def suffer(system: System, name: str, fault: Fault, ledger: Ledger, *, crowd_size: int = CROWD) -> Outcome:
    """`ledger` is the whole run's: the stores remember earlier faults, too."""
    before = (ledger.requests, ledger.refused_connections, ledger.cut_connections, ledger.finished, ledger.begun)
    ledger.forget_what_was_seen()
    system.ledger = ledger
    over = asyncio.Event()
    stack = system.stack
    # A connection a request: one that was kept would be broken by a restart, which is the client's to notice.
    connector = TCPConnector(force_close=True, limit=0)
    async with ClientSession(timeout=ClientTimeout(total=20), connector=connector) as http:
        places = [
            asyncio.create_task(crowd(http, stack.url, stack.simulator_url, ledger, over.is_set))
            for _ in range(crowd_size)
        ]
        await asyncio.sleep(BEFORE_SECONDS if places else 0)
        async with fault(system):
            recovery = await _recover(system, http, ledger)
        over.set()
        done, late = await asyncio.wait(places, timeout=DRAIN_SECONDS) if places else (set(), set())
        for place in late:
            place.cancel()
        ledger.wrong.extend(f"a place in the load failed: {place.exception()!r}" for place in done if place.exception())
    ledger.wrong.extend(system.new_faults_in_logs())
    finding = await judge(stack.postgres.socket_dir, ledger)
    requests, refused, cut, finished, begun = before
    return Outcome(
        name,
        ledger.requests - requests,
        ledger.refused_connections - refused,
        ledger.cut_connections - cut,
        ledger.finished - finished,
        (ledger.begun - begun) - (ledger.finished - finished),
        recovery,
        finding,
    )


async def _recover(system: System, http: ClientSession, ledger: Ledger) -> float | None:
    """How long until somebody new signs up and gets in, from the moment at which the fault was over."""
    began = time.monotonic()
    while time.monotonic() - began < RECOVERY_SECONDS:
        asking = Asking(http, system.stack.url, ledger, new_address())
        person = Person(asking, http, system.stack.simulator_url, ledger, lambda: False)
        if await person.sign_up() and await person.try_login(Says.YES):
            return time.monotonic() - began
        await asyncio.sleep(0.1)
    return None

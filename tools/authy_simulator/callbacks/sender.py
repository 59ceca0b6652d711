"""Posts callbacks, and does to them what the fault rules say."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime

import aiohttp
import structlog

from tools.authy_simulator.callbacks.faulty import flagged, of_somebody_else
from tools.authy_simulator.callbacks.letter import Letter, write_letter
from tools.authy_simulator.faults.book import FaultBook
from tools.authy_simulator.faults.rule import CALLBACK, CallbackFault, Rule

log = structlog.get_logger()
LATE_SECONDS = 5.0
STALE_SECONDS = 600.0
PATIENCE = aiohttp.ClientTimeout(total=10)
REMEMBERED = 50


@dataclass(frozen=True)
class Delivery:
    """How a callback went. ``status``: the HTTP status of the answer, None when none came. ``attempts``: posts made."""

    url: str
    status: int | None
    attempts: int
    uuid: str = ""
    fault: str | None = None
    at: datetime | None = None

    def shown(self) -> dict[str, object]:
        """As the control API gives it."""
        return {"url": self.url, "status": self.status, "attempts": self.attempts}


@dataclass
class CallbackSender:
    """Sends to one URL, which is also the URL that is signed. Authy documents no retries, so there are none."""

    http: aiohttp.ClientSession
    url: str
    api_key: str
    faults: FaultBook
    clock: Callable[[], datetime]
    changed: Callable[[], None]
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    late: set[asyncio.Task[Delivery]] = field(default_factory=set)

    async def send(self, body: dict[str, object]) -> Delivery:
        """Signs and posts. A late one is on its way when this returns: status None, attempts 0."""
        rule = self.faults.take(CALLBACK)
        match rule:
            case Rule(fault=CallbackFault.DROPPED):
                return self._remember(Delivery(self.url, None, 0), body, rule)
            case Rule(fault=CallbackFault.LATE):
                wait = LATE_SECONDS if rule.seconds is None else rule.seconds
                self._later(self._send_after(wait, body))
                return Delivery(self.url, None, 0)
            case _:
                return await self._post(body, rule)

    async def close(self) -> None:
        """Late callbacks that have not left yet never will."""
        for task in self.late:
            task.cancel()
        await asyncio.gather(*self.late, return_exceptions=True)

    async def _send_after(self, seconds: float, body: dict[str, object]) -> Delivery:
        await asyncio.sleep(seconds)
        return await self._post(body, Rule(CALLBACK, CallbackFault.LATE, seconds=seconds))

    def _later(self, sending: Coroutine[None, None, Delivery]) -> None:
        task = asyncio.create_task(sending)
        self.late.add(task)
        task.add_done_callback(self.late.discard)

    async def _post(self, body: dict[str, object], rule: Rule | None) -> Delivery:
        letter = self._write(body, rule)
        copies = rule.times if rule and rule.fault is CallbackFault.REPEATED else 1
        statuses = [await self._post_letter(letter) for _ in range(copies)]
        return self._remember(Delivery(self.url, statuses[-1], copies), body, rule)

    def _write(self, body: dict[str, object], rule: Rule | None) -> Letter:
        nonce = int(self.clock().timestamp())
        key, method = self.api_key, "POST"
        match rule:
            case Rule(fault=CallbackFault.BADLY_SIGNED):
                key = f"not {key}"
            case Rule(fault=CallbackFault.STALE):
                nonce -= int(STALE_SECONDS if rule.seconds is None else rule.seconds)
            case Rule(fault=CallbackFault.FLAGGED):
                body = flagged(body)
            case Rule(fault=CallbackFault.OTHER_AUTHY_ID):
                body = of_somebody_else(body)
            case Rule(fault=CallbackFault.GET):
                method = "GET"
            case _:
                pass
        return write_letter(api_key=key, nonce=str(nonce), method=method, url=self.url, body=body)

    async def _post_letter(self, letter: Letter) -> int | None:
        try:
            async with self.http.request(
                letter.method,
                letter.url,
                data=letter.body,
                headers=letter.headers,
                timeout=PATIENCE,
                allow_redirects=False,
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("callback_failed", url=self.url, error=type(error).__name__)
            return None

    def _remember(self, delivery: Delivery, body: dict[str, object], rule: Rule | None) -> Delivery:
        fault = rule.fault.value if rule else None
        self.deliveries.appendleft(replace(delivery, uuid=str(body["uuid"]), fault=fault, at=self.clock()))
        self.changed()
        return delivery

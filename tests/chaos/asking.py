"""A client as a careful program is one: it tries again when it is told to, or when it was told nothing, and not for ever."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ClientSession

from tests.chaos.ledger import Ledger

PATIENCE_SECONDS = 30.0
LONGEST_PAUSE = 1.0
AWAY = {429, 502, 503, 504}
BODIES = ("json", "data")


class GivenUp(Exception):
    """No answer but "later" for as long as a client waits."""


@dataclass(frozen=True)
class Answer:
    """`again`: it was not the first try, so an earlier one may have taken effect without an answer."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    again: bool = False


@dataclass
class Asking:
    """One client of the gateway, from an address of its own; what it meets is noted in the ledger."""

    http: ClientSession
    url: str
    ledger: Ledger
    address: str
    patience: float = PATIENCE_SECONDS

    async def __call__(self, method: str, path: str, token: str = "", **given: Any) -> Answer:
        """The first answer that is neither "later" nor broken."""
        give_up = asyncio.get_running_loop().time() + self.patience
        again = False
        while asyncio.get_running_loop().time() < give_up:
            answer = await self._once(method, path, token, given)
            if answer is not None and answer.status not in AWAY:
                return Answer(answer.status, answer.body, again)
            again = True
            await asyncio.sleep(random.uniform(0.05, 0.25))
        raise GivenUp(f"{method} {path}")

    async def _once(self, method: str, path: str, token: str, given: dict[str, Any]) -> Answer | None:
        headers = {"X-Forwarded-For": self.address, **({"Authorization": f"Bearer {token}"} if token else {})}
        headers |= given.get("headers", {})
        body = {name: value for name, value in given.items() if name in BODIES}
        try:
            async with self.http.request(method, f"{self.url}{path}", headers=headers, **body) as response:
                text = await response.text()
                self.ledger.answers[response.status] += 1
                if response.status == 500:
                    self.ledger.wrong.append(f"500 {method} {path}: {text[:200]}")
                if response.status in AWAY:
                    await self._wait_as_told(response.headers.get("Retry-After", "0"))
                    return None
                return Answer(response.status, await response.json(content_type=None) if text else {})
        except ClientConnectorError:
            self.ledger.refused_connections += 1
        except (ClientError, TimeoutError, ValueError):
            self.ledger.cut_connections += 1
        return None

    async def _wait_as_told(self, retry_after: str) -> None:
        await asyncio.sleep(min(float(retry_after or 0), LONGEST_PAUSE))


def new_address() -> str:
    """Somebody else's."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"

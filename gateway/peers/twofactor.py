"""twofactor as the gateway's `SecondFactor`."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from gateway.model.answer import PeerAnswer
from gateway.model.challenge import Challenge, read_challenge
from gateway.model.client import ClientContext
from gateway.model.errors import ChallengeUnknown, PeerUnavailable
from gateway.model.factor import Factor, read_factor
from gateway.peers.http import HttpPeer
from gateway.peers.refusals import require_success

FACTORS = "/v1/mfa/factors"
CHALLENGES = "/v1/mfa/challenges"
RECEIPTS = "/v1/mfa/receipts"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True)
class TwofactorPeer:
    """Implements `ports.SecondFactor`."""

    peer: HttpPeer

    async def factors(self, token: str) -> list[Factor]:
        """GET /v1/mfa/factors."""
        return _factors(await self._ask("GET", FACTORS, token))

    async def enrol(self, token: str, country_code: str, number: str) -> list[Factor]:
        """POST /v1/mfa/factors."""
        body = {"phone": {"country_code": country_code, "number": number}}
        return _factors(await self._ask("POST", FACTORS, token, body))

    async def remove(self, token: str, factor_id: str) -> None:
        """DELETE /v1/mfa/factors/{id}."""
        if not _ID.match(factor_id):
            return
        answer = await self.peer.ask_json("DELETE", f"{FACTORS}/{factor_id}", token=token)
        if answer.status != HTTPStatus.NOT_FOUND:
            require_success(answer)

    async def open(self, token: str, *, channel: str, client: ClientContext) -> Challenge:
        """POST /v1/mfa/challenges."""
        return _challenge(await self._ask("POST", CHALLENGES, token, {"channel": channel}, client))

    async def challenge(self, token: str, challenge_id: str) -> Challenge:
        """GET /v1/mfa/challenges/{id}."""
        return _challenge(await self._ask("GET", _path(challenge_id), token))

    async def answer(self, token: str, challenge_id: str, code: str) -> Challenge:
        """POST /v1/mfa/challenges/{id}/code."""
        return _challenge(await self._ask("POST", f"{_path(challenge_id)}/code", token, {"code": code}))

    async def cancel(self, token: str, challenge_id: str) -> None:
        """DELETE /v1/mfa/challenges/{id}."""
        await self._ask("DELETE", _path(challenge_id), token)

    async def receipt(self, token: str) -> str:
        """POST /v1/mfa/receipts."""
        answer = await self._ask("POST", RECEIPTS, token)
        receipt = answer.document.get("receipt")
        if not isinstance(receipt, str):
            raise PeerUnavailable
        return receipt

    async def _ask(
        self, method: str, path: str, token: str, document: object = None, client: ClientContext | None = None
    ) -> PeerAnswer:
        return require_success(await self.peer.ask_json(method, path, document, token=token, client=client))


def _path(challenge_id: str) -> str:
    # The id comes from outside: one that could be read as more than one segment of a path is nobody's.
    if not _ID.match(challenge_id):
        raise ChallengeUnknown
    return f"{CHALLENGES}/{challenge_id}"


def _factors(answer: PeerAnswer) -> list[Factor]:
    try:
        return [read_factor(entry) for entry in answer.document["factors"]]
    except (KeyError, TypeError) as nonsense:
        raise PeerUnavailable from nonsense


def _challenge(answer: PeerAnswer) -> Challenge:
    try:
        return read_challenge(answer.document)
    except (KeyError, TypeError, ValueError) as nonsense:
        raise PeerUnavailable from nonsense

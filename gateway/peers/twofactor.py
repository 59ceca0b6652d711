"""twofactor as the gateway's `SecondFactor`."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from chassis.clock import Clock
from gateway.model.answer import PeerAnswer
from gateway.model.challenge import Challenge, read_challenge
from gateway.model.client import ClientContext
from gateway.model.code_at_hand import CodeAtHand
from gateway.model.enrolling import PendingApp, read_pending_app
from gateway.model.errors import ChallengeUnknown, EnrolmentOver, PeerUnavailable
from gateway.model.factor import Factor, read_factor
from gateway.peers.http import HttpPeer
from gateway.peers.refusals import require_success

FACTORS = "/v1/mfa/factors"
RECOVERY_CODES = "/v1/mfa/recovery-codes"
CHALLENGES = "/v1/mfa/challenges"
DISAVOWALS = "/v1/mfa/disavowals"
RECEIPTS = "/v1/mfa/receipts"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True)
class TwofactorPeer:
    """Implements `ports_of_second_factor.SecondFactor`."""

    peer: HttpPeer
    clock: Clock

    async def factors(self, token: str) -> list[Factor]:
        """GET /v1/mfa/factors."""
        return _factors(await self._ask("GET", FACTORS, token))

    async def enrol(self, token: str, country_code: str, number: str) -> list[Factor]:
        """POST /v1/mfa/factors."""
        body = {"phone": {"country_code": country_code, "number": number}}
        return _factors(await self._ask("POST", FACTORS, token, body))

    async def begin_app(self, token: str) -> PendingApp:
        """POST /v1/mfa/factors."""
        answer = await self._ask("POST", FACTORS, token, {"totp": {}})
        try:
            return read_pending_app(answer.document, self.clock())
        except (KeyError, TypeError, ValueError) as nonsense:
            raise PeerUnavailable from nonsense

    async def confirm_app(self, token: str, app: PendingApp, code: str, client: ClientContext) -> bool:
        """POST /v1/mfa/factors/{id}/confirmation."""
        path = f"{FACTORS}/{app.id}/confirmation"
        answer = await self.peer.ask_json("POST", path, {"code": code}, token=token, client=client)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise EnrolmentOver
        return require_success(answer).document.get("login_confirmed") is True

    async def recovery_codes(self, token: str) -> list[str]:
        """POST /v1/mfa/recovery-codes."""
        codes = (await self._ask("POST", RECOVERY_CODES, token)).document.get("codes")
        if not isinstance(codes, list):
            raise PeerUnavailable
        return [str(code) for code in codes]

    async def remove(self, token: str, factor_id: str) -> None:
        """DELETE /v1/mfa/factors/{id}."""
        if not _ID.match(factor_id):
            return
        answer = await self.peer.ask_json("DELETE", f"{FACTORS}/{factor_id}", token=token)
        if answer.status != HTTPStatus.NOT_FOUND:
            require_success(answer)

    async def open(self, token: str, *, channel: str, factor: str = "", client: ClientContext) -> Challenge:
        """POST /v1/mfa/challenges."""
        chosen = {"factor_id": factor} if factor else {"channel": channel}
        return _challenge(await self._ask("POST", CHALLENGES, token, chosen, client))

    async def challenge(self, token: str, challenge_id: str) -> Challenge:
        """GET /v1/mfa/challenges/{id}."""
        return _challenge(await self._ask("GET", _path(challenge_id), token))

    async def answer(self, token: str, challenge_id: str, code: str) -> Challenge:
        """POST /v1/mfa/challenges/{id}/code."""
        return _challenge(await self._ask("POST", f"{_path(challenge_id)}/code", token, {"code": code}))

    async def cancel(self, token: str, challenge_id: str) -> None:
        """DELETE /v1/mfa/challenges/{id}."""
        await self._ask("DELETE", _path(challenge_id), token)

    async def disavow(self, token: str) -> None:
        """POST /v1/mfa/disavowals."""
        await self._ask("POST", DISAVOWALS, token)

    async def receipt(self, token: str) -> str:
        """POST /v1/mfa/receipts."""
        return _receipt(await self._ask("POST", RECEIPTS, token))

    async def confirm(self, token: str, code: CodeAtHand, client: ClientContext) -> str:
        """POST /v1/mfa/receipts."""
        said = {"code": code.code, "channel": code.channel, "factor_id": code.factor}
        given = {name: value for name, value in said.items() if value}
        return _receipt(await self._ask("POST", RECEIPTS, token, given, client))

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


def _receipt(answer: PeerAnswer) -> str:
    receipt = answer.document.get("receipt")
    if not isinstance(receipt, str):
        raise PeerUnavailable
    return receipt


def _challenge(answer: PeerAnswer) -> Challenge:
    try:
        return read_challenge(answer.document)
    except (KeyError, TypeError, ValueError) as nonsense:
        raise PeerUnavailable from nonsense

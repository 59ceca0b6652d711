"""People who sign up, sign in, use what they got and sign out, over and over, whatever breaks meanwhile."""

import asyncio
import random
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import jwt
from aiohttp import ClientError, ClientSession

from tests.chaos.asking import Answer, Asking, GivenUp, new_address
from tests.chaos.ledger import End, Ledger, Opened
from tests.fakes.phone_numbers import new_number
from tools.demo.story import JWT_TYPE, TOKEN_EXCHANGE

# An ended session is refused everywhere within a second; the rest is for a machine that is busy being broken.
REVOKED_SECONDS = 1.5
LOGINS_EACH = 2
# How many try to have more than they were given.
GREEDY = 0.3
SIX_DIGITS = re.compile(r"\d{6}")


class Step(Enum):
    """What a login is made of, as its owner does it."""

    SIGN_UP = "sign-up"
    PASSWORD = "password"
    PUSH = "push"
    PRESS = "press"
    NUMBER = "number"
    WAIT = "wait"
    EXCHANGE = "exchange"
    USE = "use"
    REFRESH = "refresh"
    LEAVE = "leave"


def nothing(_step: Step) -> None:
    """Nobody watches."""


class Interrupted(Exception):
    """This login cannot go on, as when its challenge was lost; the person begins anew."""


@dataclass
class Person:
    """One account and one phone."""

    ask: Asking
    http: ClientSession
    simulator_url: str
    ledger: Ledger
    is_over: Callable[[], bool]
    on_step: Callable[[Step], None] = nothing
    # How many sign out again.
    leaves: float = 0.5

    def __post_init__(self) -> None:
        self.email, self.password = f"p.{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(18)
        self.number = new_number()
        self.mine: list[Opened] = []
        self.has_denied = False

    async def live(self) -> None:
        """Signs up, then in, some times."""
        if not await self.sign_up():
            return
        for _ in range(LOGINS_EACH):
            if self.is_over() or self.has_denied:
                return
            await self.try_login()

    async def try_login(self, *, says_yes: bool | None = None) -> bool:
        """Whether it led into the protected service; most people say yes, one in five says no."""
        self.ledger.begun += 1
        try:
            await self._login(random.random() < 0.8 if says_yes is None else says_yes)
        except Interrupted:
            return False
        except GivenUp:
            self.ledger.given_up += 1
            return False
        self.ledger.finished += 1
        return True

    async def sign_up(self) -> bool:
        phone = {"country_code": "44", "number": self.number}
        body = {"email": self.email, "password": self.password, "phone": phone}
        self.on_step(Step.SIGN_UP)
        try:
            answer = await self.ask("POST", "/v1/users", json=body)
        except GivenUp:
            return False
        # Taken by our own earlier try, whose answer was lost.
        if answer.status == 201 or (answer.status == 409 and answer.again):
            self.ledger.registered[self.email] = self.password
            return True
        self.ledger.wrong.append(f"registration answered {answer.status} {answer.body}")
        return False

    async def _login(self, says_yes: bool) -> None:
        partial = await self._enter_password()
        challenge = await self._ask_for_a_push(partial)
        if random.random() < GREEDY:
            self._require_shut(await self._exchange(partial), challenge["id"], "not answered yet")
        number = await self._press(challenge["id"], "approve" if says_yes else "deny")
        if says_yes:
            await self._type_number(partial, challenge["id"], number)
        status = await self._wait(partial, challenge["id"])
        self.on_step(Step.EXCHANGE)
        exchanged = await self._exchange_greedily(partial)
        if not says_yes:
            self._disown()
            self._require_shut(exchanged, challenge["id"], status)
            return
        if exchanged.status != 200:
            raise Interrupted(exchanged.body.get("error"))
        await self._use(self._note(exchanged.body, challenge["id"]), exchanged.body["access_token"])

    async def _enter_password(self) -> str:
        body = {"email": self.email, "password": self.password}
        self.on_step(Step.PASSWORD)
        answer = await self.ask("POST", "/v1/login", json=body)
        if answer.status != 200:
            self.ledger.wrong.append(f"an acknowledged account cannot sign in: {answer.status} {answer.body}")
            raise Interrupted
        if answer.body["status"] == "enrolment_required":
            # Authy was away while they signed up: the account stands, and here is the phone again.
            phone = {"country_code": "44", "number": self.number}
            enrolled = await self.ask("POST", "/v1/mfa/factors", answer.body["mfa_token"], json={"phone": phone})
            if enrolled.status not in {201, 409}:
                raise Interrupted
        return str(answer.body["mfa_token"])

    async def _ask_for_a_push(self, partial: str) -> dict[str, Any]:
        self.on_step(Step.PUSH)
        answer = await self.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"})
        if answer.status == 409 and "challenge_id" in answer.body:
            # Opened by an earlier try whose answer was lost.
            await self.ask("DELETE", f"/v1/mfa/challenges/{answer.body['challenge_id']}", partial)
            answer = await self.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"})
        if answer.status != 201:
            raise Interrupted(answer.body.get("error"))
        return answer.body

    async def _press(self, challenge: str, button: str) -> str:
        """What the person does on the phone, and the number that stood there; the phone is theirs, and does not break."""
        for _ in range(100):
            async with self.http.get(f"{self.simulator_url}/control/phones/44-{self.number}") as answer:
                requests = (await answer.json())["approval_requests"]
            found = [each for each in requests if each["hidden_details"].get("challenge") == challenge]
            if found:
                break
            await asyncio.sleep(0.05)
        else:
            raise Interrupted("the push never came")
        self.on_step(Step.PRESS)
        (self.ledger.approved if button == "approve" else self.ledger.denied).add(challenge)
        async with self.http.post(
            f"{self.simulator_url}/control/approval_requests/{found[0]['uuid']}/{button}"
        ) as answer:
            await answer.read()
        return str(next(shown for shown in found[0]["details"].values() if SIX_DIGITS.fullmatch(shown)))

    async def _type_number(self, partial: str, challenge: str, number: str) -> None:
        """Into the page that waits. It may have been taken by an earlier try whose answer was lost."""
        self.on_step(Step.NUMBER)
        answer = await self.ask("POST", f"/v1/mfa/challenges/{challenge}/code", partial, json={"code": number})
        if answer.status != 200 and not answer.again:
            raise Interrupted(answer.body.get("error"))

    async def _wait(self, partial: str, challenge: str) -> str:
        status = "pending"
        self.on_step(Step.WAIT)
        for _ in range(30):
            answer = await self.ask("GET", f"/v1/mfa/challenges/{challenge}", partial, headers={"Prefer": "wait=5"})
            status = str(answer.body.get("status", answer.status))
            if status != "pending":
                break
        return status

    async def _exchange(self, partial: str) -> Answer:
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": partial, "subject_token_type": JWT_TYPE}
        return await self.ask("POST", "/oauth2/token", data=form)

    async def _exchange_greedily(self, partial: str) -> Answer:
        """Some try to make two sessions of one approval, at once and again afterwards."""
        if random.random() >= GREEDY:
            return await self._exchange(partial)
        answers = [
            *await asyncio.gather(self._exchange(partial), self._exchange(partial)),
            await self._exchange(partial),
        ]
        opened = [answer for answer in answers if answer.status == 200]
        if len(opened) > 1:
            self.ledger.wrong.append(f"ADMITTED: {len(opened)} sessions were given for one approval")
        return opened[0] if opened else answers[0]

    def _require_shut(self, exchanged: Answer, challenge: str, status: str) -> None:
        if exchanged.status == 200:
            self.ledger.wrong.append(f"ADMITTED: {challenge} was not approved ({status}) and opened a session")

    def _disown(self) -> None:
        """A denial says that somebody else has the password: what is open may be ended by it, and is not used again."""
        self.has_denied = True
        for opened in self.mine:
            opened.end = opened.end or End.MAYBE

    def _note(self, tokens: dict[str, Any], challenge: str) -> Opened:
        session = jwt.decode(tokens["access_token"], options={"verify_signature": False})["sid"]
        opened = Opened(session, challenge, tokens["refresh_token"])
        self.ledger.opened.append(opened)
        self.mine.append(opened)
        return opened

    async def _use(self, opened: Opened, access: str) -> None:
        """The protected service, a refresh, and for every other one the way out."""
        self.on_step(Step.USE)
        if (await self.ask("GET", "/demo/hello", access)).status != 200:
            self.ledger.wrong.append(f"a new session {opened.session} opens nothing")
        form = {"grant_type": "refresh_token", "refresh_token": opened.refresh_token}
        self.on_step(Step.REFRESH)
        refreshed = await self.ask("POST", "/oauth2/token", data=form)
        if refreshed.status != 200:
            self.ledger.wrong.append(f"session {opened.session} was lost: {refreshed.status} {refreshed.body}")
            return
        opened.refresh_token = refreshed.body["refresh_token"]
        if random.random() < self.leaves:
            await self._leave(opened, access)

    async def _leave(self, opened: Opened, access: str) -> None:
        self.on_step(Step.LEAVE)
        if (await self.ask("DELETE", "/v1/sessions/current", access)).status not in {204, 401}:
            return
        opened.end = End.SAID
        await asyncio.sleep(REVOKED_SECONDS)
        answer = await self.ask("GET", "/demo/hello", access)
        if answer.status == 200:
            self.ledger.wrong.append(f"ADMITTED: session {opened.session} was ended a while ago and opens the service")


async def crowd(http: ClientSession, url: str, simulator_url: str, ledger: Ledger, is_over: Callable[[], bool]) -> None:
    """One place in the load: one person after the other."""
    while not is_over():
        asking = Asking(http, url, ledger, new_address())
        try:
            await Person(asking, http, simulator_url, ledger, is_over).live()
        except (ClientError, TimeoutError) as lost:
            # The simulator is this test's own: its loss is no finding, but must not pass in silence.
            ledger.wrong.append(f"the simulator did not answer: {lost!r}")

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
from tests.chaos.forging import forged_approval
from tests.chaos.ledger import End, Ledger, Opened
from tests.fakes.phone_numbers import new_number
from tests.fakes.secret_scan import SECRETS
from tools.demo.story import JWT_TYPE, TOKEN_EXCHANGE

# An ended session is refused everywhere within a second; the rest is for a machine that is busy being broken.
REVOKED_SECONDS = 1.5
LOGINS_EACH = 2
LOOKS_AFTER = 0.4
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


class Says(Enum):
    """What becomes of a push: most people say yes. Two are attackers who have the password."""

    YES = "yes"
    NO = "no"
    # The owner presses Approve without comparing; who signs in does not know the number.
    UNSEEN = "yes, without the number"
    # Who signs in has seen the number, and answers for a phone on which nobody presses anything.
    FORGED = "a forged yes"


OFTEN = {Says.YES: 75, Says.NO: 12, Says.UNSEEN: 7, Says.FORGED: 6}


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
    # How many try to have more than they were given.
    greed: float = 0.3

    def __post_init__(self) -> None:
        self.email, self.password = f"p.{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(18)
        self.number = new_number()
        SECRETS.note(self.password, self.email, self.number)
        self.mine: list[Opened] = []
        self.is_done = False

    async def live(self) -> None:
        """Signs up, then in, some times."""
        if not await self.sign_up():
            return
        for _ in range(LOGINS_EACH):
            if self.is_over() or self.is_done:
                return
            await self.try_login()

    async def try_login(self, says: Says | None = None) -> bool:
        """Whether it came to its end: into the protected service, or to a refusal where one was due."""
        self.ledger.begun += 1
        try:
            await self._login(says or random.choices(list(OFTEN), list(OFTEN.values()))[0])
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
            if answer.body.get("status") == "mfa_required":
                self.ledger.enrolled.add(self.email)
            return True
        self.ledger.wrong.append(f"registration answered {answer.status} {answer.body}")
        return False

    async def _login(self, says: Says) -> None:
        partial = await self._enter_password()
        challenge = await self._ask_for_a_push(partial)
        if random.random() < self.greed:
            self._require_shut(await self._exchange(partial), challenge, "not answered yet")
        await self._answer(says, partial, challenge)
        status = await (
            self._wait(partial, challenge) if says in {Says.YES, Says.NO} else self._look(partial, challenge)
        )
        self.on_step(Step.EXCHANGE)
        exchanged = await self._exchange_greedily(partial)
        if says is not Says.YES:
            self._disown()
            self._require_shut(exchanged, challenge, f"{says.value}: {status}")
            return
        if exchanged.status != 200:
            raise Interrupted(exchanged.body.get("error"))
        await self._use(self._note(exchanged.body, challenge), exchanged.body["access_token"])

    async def _answer(self, says: Says, partial: str, challenge: str) -> None:
        push = await self._push_on_the_phone(challenge)
        number = str(next(shown for shown in push["details"].values() if SIX_DIGITS.fullmatch(shown)))
        self.on_step(Step.PRESS)
        match says:
            case Says.YES:
                await self._press(push, "approve")
                if random.random() < self.greed:
                    self._require_shut(await self._exchange(partial), challenge, "no number yet")
                self.ledger.approved[challenge] = jwt.decode(partial, options={"verify_signature": False})["jti"]
                await self._type_number(partial, challenge, number)
            case Says.NO:
                await self._press(push, "deny")
            case Says.UNSEEN:
                await self._press(push, "approve")
                await self._guess(partial, challenge, number)
            case Says.FORGED:
                await self._type_number(partial, challenge, number)
                await self._forge(push)

    async def _enter_password(self) -> str:
        body = {"email": self.email, "password": self.password}
        self.on_step(Step.PASSWORD)
        answer = await self.ask("POST", "/v1/login", json=body)
        if answer.status != 200:
            self.ledger.lost.append(f"an acknowledged account cannot sign in: {answer.status} {answer.body}")
            raise Interrupted
        if answer.body["status"] == "enrolment_required":
            # Authy was away while they signed up: the account stands, and here is the phone again.
            phone = {"country_code": "44", "number": self.number}
            enrolled = await self.ask("POST", "/v1/mfa/factors", answer.body["mfa_token"], json={"phone": phone})
            if enrolled.status not in {201, 409}:
                raise Interrupted
            self.ledger.enrolled.add(self.email)
        return str(answer.body["mfa_token"])

    async def _ask_for_a_push(self, partial: str) -> str:
        self.on_step(Step.PUSH)
        answer = await self.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"})
        if answer.status == 409 and "challenge_id" in answer.body:
            # Opened by an earlier try whose answer was lost.
            await self.ask("DELETE", f"/v1/mfa/challenges/{answer.body['challenge_id']}", partial)
            answer = await self.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"})
        if answer.status != 201:
            raise Interrupted(answer.body.get("error"))
        return str(answer.body["id"])

    async def _push_on_the_phone(self, challenge: str) -> dict[str, Any]:
        """As it stands there; the phone is the person's, and does not break."""
        for _ in range(100):
            async with self.http.get(f"{self.simulator_url}/control/phones/44-{self.number}") as answer:
                phone = await answer.json()
            for each in phone["approval_requests"]:
                if each["hidden_details"].get("challenge") == challenge:
                    return {**each, "authy_id": phone["authy_id"]}
            await asyncio.sleep(0.05)
        raise Interrupted("the push never came")

    async def _press(self, push: dict[str, Any], button: str) -> None:
        async with self.http.post(f"{self.simulator_url}/control/approval_requests/{push['uuid']}/{button}") as answer:
            await answer.read()

    async def _guess(self, partial: str, challenge: str, number: str) -> None:
        """Any number but that one. Whatever is answered, the session must not open."""
        wrong = f"{(int(number) + 1) % 10**6:06d}"
        await self.ask("POST", f"/v1/mfa/challenges/{challenge}/code", partial, json={"code": wrong})

    async def _forge(self, push: dict[str, Any]) -> None:
        """What Authy would send, signed by somebody who has another key."""
        letter = forged_approval(push)
        await self.ask("POST", "/callbacks/authy", data=letter.body, headers=dict(letter.headers))

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

    async def _look(self, partial: str, challenge: str) -> str:
        """Once, after the time that a callback takes, well or badly signed: nobody is to be waited for."""
        await asyncio.sleep(LOOKS_AFTER)
        answer = await self.ask("GET", f"/v1/mfa/challenges/{challenge}", partial)
        return str(answer.body.get("status", answer.status))

    async def _exchange(self, partial: str) -> Answer:
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": partial, "subject_token_type": JWT_TYPE}
        return await self.ask("POST", "/oauth2/token", data=form)

    async def _exchange_greedily(self, partial: str) -> Answer:
        """Some try to make two sessions of one approval, at once and again afterwards."""
        if random.random() >= self.greed:
            return await self._exchange(partial)
        answers = [
            *await asyncio.gather(self._exchange(partial), self._exchange(partial)),
            await self._exchange(partial),
        ]
        opened = [answer for answer in answers if answer.status == 200]
        if len(opened) > 1:
            self.ledger.admitted.append(f"{len(opened)} sessions were given for one approval")
        return opened[0] if opened else answers[0]

    def _require_shut(self, exchanged: Answer, challenge: str, status: str) -> None:
        if exchanged.status == 200:
            self.ledger.admitted.append(f"{challenge} was not approved ({status}) and opened a session")

    def _disown(self) -> None:
        """Somebody else has the password: what is open may be ended by what was said, and is not used again."""
        self.is_done = True
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
            self.ledger.lost.append(f"a new session {opened.session} opens nothing")
        self.on_step(Step.REFRESH)
        access = await self._refresh(opened) or access
        if random.random() < self.leaves:
            await self._leave(opened, access)
        else:
            # Whatever broke meanwhile: the token that was given last is good.
            await asyncio.sleep(random.uniform(0.0, 1.0))
            await self._refresh(opened)

    async def _refresh(self, opened: Opened) -> str | None:
        form = {"grant_type": "refresh_token", "refresh_token": opened.refresh_token}
        refreshed = await self.ask("POST", "/oauth2/token", data=form)
        if refreshed.status != 200:
            self.ledger.lost.append(f"session {opened.session} cannot go on: {refreshed.status} {refreshed.body}")
            return None
        opened.refresh_token = refreshed.body["refresh_token"]
        return str(refreshed.body["access_token"])

    async def _leave(self, opened: Opened, access: str) -> None:
        self.on_step(Step.LEAVE)
        if (await self.ask("DELETE", "/v1/sessions/current", access)).status not in {204, 401}:
            return
        opened.end = End.SAID
        await asyncio.sleep(REVOKED_SECONDS)
        answer = await self.ask("GET", "/demo/hello", access)
        if answer.status == 200:
            self.ledger.admitted.append(f"session {opened.session} was ended a while ago and opens the service")


async def crowd(http: ClientSession, url: str, simulator_url: str, ledger: Ledger, is_over: Callable[[], bool]) -> None:
    """One place in the load: one person after the other."""
    while not is_over():
        asking = Asking(http, url, ledger, new_address())
        try:
            await Person(asking, http, simulator_url, ledger, is_over).live()
        except (ClientError, TimeoutError) as lost:
            # The simulator is this test's own: its loss is no finding, but must not pass in silence.
            ledger.wrong.append(f"the simulator did not answer: {lost!r}")

"""auth, twofactor and the store of visits in memory, as the gateway's pages see them. A test moves the phone."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from gateway.model import errors
from gateway.model.challenge import Challenge, Facts, News, Status
from gateway.model.client import ClientContext
from gateway.model.code_at_hand import CodeAtHand
from gateway.model.enrolling import PendingApp
from gateway.model.factor import Factor
from gateway.model.open_session import OpenSession
from gateway.model.tokens import PartialLogin, Tokens
from gateway.model.visit import Visit
from tests.fakes.clock import FakeClock
from tests.fakes.open_sessions import FRESH_FOR, FakeSessions

CODE, APP_CODE, NUMBER = "1234567", "123456", "482913"
EMAIL = "ana%40example.com"
PHONE = "+44 ... 12"
CHANNELS = {"push": "oob", "app": "otp", "sms": "oob", "voice": "oob"}


class FakeCredentials:
    """Accounts by e-mail; `away` makes every call fail as if auth were down, `ends_nothing` those that end a session."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.desk = FakeSessions(clock)
        self.accounts: dict[str, str] = {}
        self.spent: set[str] = set()
        self.disavowed: set[str] = set()
        self.renewals: dict[str, str] = {}
        self.ended: list[str] = []
        self.away = self.ends_nothing = False
        self.logins = 0

    async def register(self, email: str, password: str, client: ClientContext) -> PartialLogin:
        self._require_here()
        if email in self.accounts:
            raise errors.EmailTaken
        if password == "password1234":
            raise errors.WeakPassword(["This password is on lists that attackers try first."])
        self.accounts[email] = password
        return self._partial(email)

    async def login(self, email: str, password: str, client: ClientContext) -> PartialLogin:
        self._require_here()
        if self.accounts.get(email) != password:
            raise errors.InvalidCredentials
        return self._partial(email)

    async def exchange(
        self, partial: str, receipt: str, client: ClientContext, parameters: Mapping[str, str] | None = None
    ) -> Tokens:
        self._require_here()
        if partial in self.spent:
            raise errors.GrantRefused
        if (email := partial.rpartition(" ")[2]) in self.disavowed:
            self.renewals[f"renewal of {partial}"] = email
            raise errors.NewPasswordDue(f"renewal of {partial}")
        self.spent.add(partial)
        token, email = f"access of {partial}", partial.rpartition(" ")[2]
        self.desk.open(token, email)
        return Tokens(token, f"refresh of {partial}", 300, self.clock() + timedelta(seconds=300))

    async def renew_password(self, token: str, new: str, client: ClientContext) -> Tokens:
        self._require_here()
        email = self.renewals.pop(token, None)
        if email is None:
            raise errors.TokenRefused
        self.accounts[email] = new
        self.desk.open(f"access of {token}", email)
        return Tokens(f"access of {token}", f"refresh of {token}", 300, self.clock() + timedelta(seconds=300))

    async def refresh(self, refresh_token: str) -> Tokens:
        raise errors.GrantRefused

    async def end_session(self, token: str) -> None:
        self._require_here()
        if self.ends_nothing:
            raise errors.PeerUnavailable
        self.ended.append(token)
        self.desk.end_token(token.replace("refresh of", "access of"))

    async def sessions(self, token: str) -> list[OpenSession]:
        self._require_here()
        return self.desk.shown(token)

    async def end_one(self, token: str, session_id: str) -> None:
        self._require_here()
        self.desk.end_one(token, session_id)

    async def end_many(self, token: str, *, this_one_too: bool) -> None:
        self._require_here()
        self.desk.end_many(token, this_one_too=this_one_too)

    async def change_password(self, token: str, current: str, new: str, client: ClientContext) -> None:
        self._require_here()
        if self.clock() - self.desk.require(token).authenticated_at >= FRESH_FOR:
            raise errors.FreshLoginNeeded
        email = self.desk.owners[token]
        if self.accounts[email] != current:
            raise errors.InvalidCredentials
        if new == "password1234":
            raise errors.WeakPassword(["This password is on lists that attackers try first."])
        self.accounts[email] = new
        self.desk.end_many(token, this_one_too=False)

    def _partial(self, email: str) -> PartialLogin:
        self.logins += 1
        return PartialLogin(f"partial {self.logins} of {email}", email, 300, self.clock() + timedelta(seconds=300))

    def _require_here(self) -> None:
        if self.away:
            raise errors.PeerUnavailable


class FakeSecondFactor:
    """One person's phone (and `others`, by name). `old` are tokens too old to change any. `settle` is what Authy's callback or the clock would do; it also publishes."""

    def __init__(self, clock: FakeClock, news: "FakeNews") -> None:
        self.clock, self.news = clock, news
        self.enrolled = False
        self.others: list[str] = []
        self.apps: list[str] = []
        self.codes: list[str] = []
        self.begun, self.forgets_apps = 0, False
        self.old: set[str] = set()
        self.refuses_phone = False
        self.reasons: dict[str, str] = {}
        self.last_used = ""
        self.delivery: dict[str, str] = {"push": "push", "app": "none", "sms": "sent", "voice": "sent"}
        self.challenges: dict[str, Challenge] = {}
        self.owners: dict[str, str] = {}
        self.refusal: errors.Refusal | None = None
        self.binds = False
        self.disavowals: list[str] = []
        self.is_over = False

    @property
    def latest(self) -> Challenge:
        return list(self.challenges.values())[-1]

    async def factors(self, token: str) -> list[Factor]:
        if self.is_over:
            raise errors.TokenRefused
        return [*self._phones(), *self._apps()]

    def _apps(self) -> list[Factor]:
        apps = [Factor(id=f"totp-{app}", type="otp", channel="totp", name="Authenticator app") for app in self.apps]
        if not self.codes:
            return apps
        codes = Factor(
            id="recovery-1", type="recovery-code", channel="recovery", name="Recovery codes", left=len(self.codes)
        )
        return [*apps, codes]

    def _phones(self) -> list[Factor]:
        if not self.enrolled:
            return []
        return [
            Factor(
                id=f"{channel}-1",
                type=kind,
                channel=channel,
                name=PHONE,
                preferred=channel == self.last_used,
                available=channel not in self.reasons,
                reason=self.reasons.get(channel),
            )
            for channel, kind in CHANNELS.items()
        ] + [
            Factor(id=f"{channel}-{name}", type="oob", channel=channel, name=name)
            for name in self.others
            for channel in CHANNELS
        ]

    async def enrol(self, token: str, country_code: str, number: str) -> list[Factor]:
        if self.refuses_phone:
            raise errors.PhoneRefused
        if token in self.old:
            raise errors.FreshLoginNeeded
        if self.enrolled:
            self.others.append(f"+{country_code} ... {number[-2:]}")
        self.enrolled = True
        return await self.factors(token)

    async def begin_app(self, token: str) -> PendingApp:
        if token in self.old or (self.enrolled and token.startswith("partial")):
            raise errors.FreshLoginNeeded
        self.begun += 1
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        uri = f"otpauth://totp/Test:{EMAIL}?secret={secret}&issuer=Test"
        return PendingApp(f"app-{self.begun}", secret, uri, self.clock() + timedelta(minutes=10))

    async def confirm_app(self, token: str, app: PendingApp, code: str, client: ClientContext) -> bool:
        if self.forgets_apps:
            raise errors.EnrolmentOver
        if code != APP_CODE:
            raise errors.InvalidCode(None)
        self.apps.append(app.id)
        if self.enrolled or not token.startswith("partial"):
            return False
        await self._open(token, "totp")
        self.settle(Status.APPROVED)
        return True

    async def recovery_codes(self, token: str) -> list[str]:
        if token in self.old:
            raise errors.FreshLoginNeeded
        self.codes = [f"AAAA-BBBB-CCCC-DDDD-EEEE-000{n}" for n in range(10)]
        return list(self.codes)

    async def remove(self, token: str, factor_id: str) -> None:
        if token in self.old:
            raise errors.FreshLoginNeeded
        if factor_id.startswith("totp-"):
            self.apps.remove(factor_id.removeprefix("totp-"))
        else:
            self.others.remove(factor_id.partition("-")[2])

    async def open(self, token: str, *, channel: str, factor: str = "", client: ClientContext) -> Challenge:
        if self.refusal is not None:
            raise self.refusal
        return await self._open(token, factor.partition("-")[0] or channel)

    async def _open(self, token: str, channel: str) -> Challenge:
        if channel not in {*CHANNELS, "totp", "recovery"}:
            raise errors.InvalidInput({"channel": "is not one of push, app, sms, voice"})
        if channel in self.reasons:
            raise errors.ChannelUnavailable(self.reasons[channel])
        pending = [one for one in self._of(token) if not one.is_settled]
        if pending:
            raise errors.ChallengePending(pending[0].id)
        now = self.clock()
        challenge = Challenge(
            id=f"challenge-{len(self.challenges) + 1}",
            channel=channel,
            status=Status.PENDING,
            updated_at=now,
            expires_at=now + timedelta(seconds=120),
            expires_in=120,
            interval=2,
            waiting_for=self.missing(channel),
            binding_method="prompt" if self.binds and channel == "push" else "none",
            name=PHONE,
            delivery=self.delivery.get(channel, "none"),
            tries_left=3,
            created_at=now,
            context=Facts("Test service", "Office Lisbon", "Firefox on Linux", "203.0.113.9", now),
        )
        self.challenges[challenge.id] = challenge
        self.owners[challenge.id] = token
        return challenge

    async def challenge(self, token: str, challenge_id: str) -> Challenge:
        if self.owners.get(challenge_id) != token:
            raise errors.ChallengeUnknown
        return self.challenges[challenge_id]

    async def answer(self, token: str, challenge_id: str, code: str) -> Challenge:
        challenge = await self.challenge(token, challenge_id)
        if challenge.is_settled:
            raise errors.ChallengeOver
        if not challenge.wants_code:
            raise errors.ChallengeOver
        if code == NUMBER and challenge.channel == "push":
            return self.half_done("phone")
        if code in self.codes:
            self.codes.remove(code)
            return self.settle(Status.APPROVED)
        if code == (APP_CODE if challenge.channel == "totp" else CODE):
            return self.settle(Status.APPROVED)
        left = (challenge.tries_left or 1) - 1
        self.challenges[challenge_id] = replace(challenge, tries_left=left)
        if left == 0:
            self.settle(Status.DENIED)
            denied = self.challenges[challenge_id]
            self.challenges[challenge_id] = replace(denied, reason="too_many_codes")
        raise errors.InvalidCode(left)

    async def cancel(self, token: str, challenge_id: str) -> None:
        if (await self.challenge(token, challenge_id)).is_settled:
            raise errors.ChallengeOver
        self.settle(Status.CANCELLED, challenge_id)

    async def disavow(self, token: str) -> None:
        self.disavowals.append(token)

    async def receipt(self, token: str) -> str:
        match [one.status for one in self._of(token)][-1:]:
            case [Status.APPROVED | Status.CONSUMED]:
                return "receipt"
            case [Status.DENIED]:
                raise errors.ApprovalDenied
            case _:
                raise errors.ApprovalPending

    async def confirm(self, token: str, code: CodeAtHand, client: ClientContext) -> str:
        if [one for one in self._of(token) if one.status in {Status.APPROVED, Status.CONSUMED}]:
            return await self.receipt(token)
        channel = code.factor.partition("-")[0] or code.channel or ("totp" if self.apps else "app")
        pending = [one for one in self._of(token) if not one.is_settled and one.channel == channel]
        challenge = pending[0] if pending else await self.open(token, channel=channel, client=client)
        await self.answer(token, challenge.id, code.code)
        return await self.receipt(token)

    def missing(self, channel: str) -> tuple[str, ...]:
        if channel != "push":
            return ("code",)
        return ("phone", "code") if self.binds else ("phone",)

    def half_done(self, left: str) -> Challenge:
        """One of the two is here: `left` is missing yet, or nothing is."""
        missing = tuple(each for each in self.latest.waiting_for if each == left)
        if not missing:
            return self.settle(Status.APPROVED)
        half = self.challenges[self.latest.id] = replace(self.latest, waiting_for=missing, updated_at=self.clock())
        self.news.tell(News(half.id, Status.PENDING, None, self.clock().isoformat(), missing))
        return half

    def phone_says_yes(self) -> Challenge:
        return self.half_done("code")

    def settle(self, status: Status, challenge_id: str | None = None) -> Challenge:
        old = self.challenges[challenge_id] if challenge_id else self.latest
        settled = replace(old, status=status, waiting_for=(), updated_at=self.clock())
        self.challenges[old.id] = settled
        self.news.tell(News(old.id, status, None, self.clock().isoformat()))
        return settled

    def _of(self, token: str) -> list[Challenge]:
        return [one for one in self.challenges.values() if self.owners[one.id] == token]


class FakeNews:
    """`ChallengeNews` without Valkey."""

    def __init__(self) -> None:
        self.queues: dict[str, list[asyncio.Queue[News]]] = {}

    def tell(self, news: News) -> None:
        for queue in self.queues.get(news.challenge_id, []):
            queue.put_nowait(news)

    @asynccontextmanager
    async def listen(self, challenge_id: str) -> AsyncIterator["FakeEar"]:
        queue: asyncio.Queue[News] = asyncio.Queue()
        self.queues.setdefault(challenge_id, []).append(queue)
        try:
            yield FakeEar(queue)
        finally:
            self.queues[challenge_id].remove(queue)


class FakeEar:
    is_closing = False

    def __init__(self, queue: asyncio.Queue[News]) -> None:
        self.queue = queue

    async def next(self, seconds: float) -> News | None:
        try:
            return await asyncio.wait_for(self.queue.get(), seconds)
        except TimeoutError:
            return None


class FakeVisits:
    """`BrowserSessions` in a dict."""

    def __init__(self) -> None:
        self.visits: dict[str, Visit] = {}
        self.made = 0

    async def load(self, cookie: str | None) -> Visit:
        return self.visits.get(cookie or "", Visit())

    async def save(self, visit: Visit) -> str:
        if visit.superseded:
            self.visits.pop(visit.superseded, None)
        if visit.cookie is not None:
            # A late step brings nothing back to life, and leaves the tokens to `renew`.
            if known := self.visits.get(visit.cookie):
                self.visits[visit.cookie] = replace(visit, tokens=known.tokens, superseded=None)
            return visit.cookie
        self.made += 1
        cookie = f"visit-{self.made}"
        self.visits[cookie] = replace(visit, cookie=cookie, superseded=None)
        return cookie

    async def renew(self, cookie: str, tokens: Tokens) -> None:
        if cookie in self.visits:
            self.visits[cookie] = replace(self.visits[cookie], tokens=tokens)

    async def end(self, cookie: str) -> None:
        self.visits.pop(cookie, None)

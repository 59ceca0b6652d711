"""Whatever happens to logins, in whatever order: the promises of a challenge hold, over the fake store and the real one."""

import asyncio
from contextlib import suppress
from typing import Any

import redis.asyncio
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.twofactor.model.challenge import APPROVAL_LIFE, Status
from services.twofactor.model.errors import Refusal
from services.twofactor.store.challenges import ValkeyChallenges
from tests.fakes.provider import PushAnswer, PushStatus
from tests.fakes.twofactor_stores import FakeChallenges
from tests.fakes.twofactor_world import TwoFactor

TERMINAL = {Status.DENIED, Status.EXPIRED, Status.CANCELLED, Status.CONSUMED}
PEOPLE = st.integers(0, 1)
WHICH = st.integers(0, 9)


class ChallengeMachine(RuleBasedStateMachine):
    """Two people, their phones, a vendor whose callbacks come late, twice, or not at all."""

    binding = "prompt"
    make_store: Any = staticmethod(lambda: (FakeChallenges(), None))

    @initialize()
    def people_with_phones(self):
        self.runner = asyncio.Runner()
        self.run = self.runner.run
        self.run(self._begin())

    async def _begin(self):
        store, self.client = self.make_store()
        if self.client is not None:
            await self.client.flushall()  # ids repeat from one run to the next
        self.world = TwoFactor(store=store, challenges_per_login=50, push_binding=self.binding)
        self.partials = [await self.world.person(), await self.world.person()]
        self.ends, self.approved_at, self.decided, self.texts = {}, {}, {}, {}
        self.said: dict[str, set[str]] = {}
        self.opened: list[list[Any]] = [[], []]

    def teardown(self):
        if hasattr(self, "runner"):
            if self.client is not None:
                self.run(self.client.aclose())
            self.runner.close()

    def pick(self, who, which):
        theirs = self.opened[who]
        return theirs[which % len(theirs)] if theirs else None

    @rule(who=PEOPLE, channel=st.sampled_from(["push", "push", "sms", "app"]))
    def opens(self, who, channel):
        with suppress(Refusal):
            challenge = self.run(self.world.open(self.partials[who], channel))
            self.opened[who].append(challenge)
            self.ends[challenge.id] = challenge.expires_at

    @rule(seconds=st.sampled_from([1, 5, 59, 60, 61, 119, 120, 200]))
    def time_passes(self, seconds):
        self.world.clock.advance(seconds=seconds)
        if self.world.clock() >= self.partials[0].expires_at:
            self.partials = [self.world.partial(p.subject) for p in self.partials]
            self.opened = [[], []]

    @rule(who=PEOPLE, which=WHICH, status=st.sampled_from(list(PushStatus)), proof=st.integers(0, 3))
    def vendor_says(self, who, which, status, proof):
        challenge = self.pick(who, which)
        if challenge is None or challenge.channel != "push":
            return
        request = self.world.provider.pushes[challenge.reference].request
        answer = PushAnswer(challenge.reference, challenge.account, status, request.hidden_details)
        with suppress(Refusal):
            self.run(self.world.callback(answer, proof=f"{challenge.id} {status} {proof}"))
            if status is PushStatus.APPROVED:
                self.said.setdefault(challenge.id, set()).add("phone")

    def code_for(self, challenge, *, right):
        if not right:
            return "0000000"
        if challenge.channel == "push":
            return self.world.codes.code_of(challenge)
        sent = [s.code for s in self.world.provider.sent if s.binding == challenge.id]
        return sent[-1] if sent else self.world.provider.app_token(challenge.account)

    @rule(who=PEOPLE, which=WHICH, right=st.booleans())
    def types_a_code(self, who, which, right):
        challenge = self.pick(who, which)
        if challenge is None:
            return
        with suppress(Refusal):
            self.run(self.world.answer(self.partials[who], challenge, self.code_for(challenge, right=right)))
            if right:
                self.said.setdefault(challenge.id, set()).add("code")

    @rule(who=PEOPLE, which=WHICH, right=st.booleans())
    def types_and_approves_at_the_same_moment(self, who, which, right):
        challenge = self.pick(who, which)
        if challenge is None or challenge.channel != "push":
            return
        request = self.world.provider.pushes[challenge.reference].request
        approval = PushAnswer(challenge.reference, challenge.account, PushStatus.APPROVED, request.hidden_details)

        async def both():
            code = self.code_for(challenge, right=right)
            said = [
                self.world.answer(self.partials[who], challenge, code),
                self.world.callback(approval, proof=f"{challenge.id} at once"),
            ]
            return await asyncio.gather(*said, return_exceptions=True)

        for what, outcome in zip(("code", "phone"), self.run(both()), strict=True):
            if not isinstance(outcome, BaseException):
                self.said.setdefault(challenge.id, set()).add(what)
            else:
                assert isinstance(outcome, Refusal)

    @rule(who=PEOPLE, which=WHICH)
    def cancels(self, who, which):
        challenge = self.pick(who, which)
        if challenge is not None:
            with suppress(Refusal):
                self.run(self.world.cancel(self.partials[who], challenge))

    @rule(who=PEOPLE, which=WHICH)
    def looks_with_the_others_token(self, who, which):
        challenge = self.pick(who, which)
        if challenge is not None:
            try:
                self.run(self.world.show(self.partials[1 - who], challenge))
            except Refusal:
                return
            raise AssertionError("another login saw it")

    @rule(who=PEOPLE, times=st.integers(1, 3))
    def asks_for_the_receipt(self, who, times):
        async def ask():
            asked = [self.world.receipt(self.partials[who]) for _ in range(times)]
            return await asyncio.gather(*asked, return_exceptions=True)

        for outcome in self.run(ask()):
            if isinstance(outcome, BaseException):
                assert isinstance(outcome, Refusal)
            else:
                self.texts.setdefault(self.partials[who].id, set()).add(outcome.text)

    async def stored(self, challenge):
        return await self.world.challenges.by_id(challenge.login, challenge.id)

    @invariant()
    def promises_hold(self):
        if not hasattr(self, "opened"):
            return
        now = self.world.clock()
        for who, partial in enumerate(self.partials):
            stored = [self.run(self.stored(c)) for c in self.opened[who]]
            open_ = [c for c in stored if c.status.is_pending or c.status is Status.APPROVED]
            assert sum(now < c.expires_at for c in open_) <= 1
            for challenge in stored:
                self.check(challenge, now)
            consumed = [c for c in stored if c.status is Status.CONSUMED]
            assert len(consumed) <= 1
            assert self.texts.get(partial.id, set()) <= {c.receipt for c in consumed}

    def check(self, challenge, now):
        if challenge.id in self.decided:
            assert challenge.status is self.decided[challenge.id], "terminal stays terminal"
        assert challenge.tries_left >= 0, "no guess beyond the budget"
        if challenge.status in TERMINAL:
            self.decided[challenge.id] = challenge.status
        if challenge.status in {Status.APPROVED, Status.CONSUMED}:
            first = self.approved_at.setdefault(challenge.id, now)
            assert first < self.ends[challenge.id], "never approved after expiry"
            if challenge.bound:
                assert self.said.get(challenge.id) == {"phone", "code"}, "never by one of the two alone"
        if challenge.status is Status.CONSUMED:
            assert challenge.updated_at < self.approved_at[challenge.id] + APPROVAL_LIFE, "used at once or not at all"


class PlainPushes(ChallengeMachine):
    """Where an operator lets Approve alone do."""

    binding = "none"


TestPlainPushes = PlainPushes.TestCase
TestPlainPushes.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestOverTheFake = ChallengeMachine.TestCase
TestOverTheFake.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_the_same_over_valkey(valkey_url):
    class OverValkey(ChallengeMachine):
        @staticmethod
        def make_store():
            client = redis.asyncio.Redis.from_url(valkey_url)
            return ValkeyChallenges(client), client

    quick = settings(
        max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(OverValkey, settings=quick)

"""A partial token is verified once, and believed for no longer than it lives."""

from datetime import timedelta
from typing import Any

import pytest

from countersign import PartialToken, WrongSignature
from services.twofactor.flows.believe import REMEMBERED, Believe
from tests.fakes.clock import FakeClock


class FakePartials:
    """Believes what it is told to."""

    def __init__(self, clock: Any) -> None:
        self.clock, self.asked, self.life = clock, 0, timedelta(minutes=5)

    async def verify(self, text: str) -> PartialToken:
        self.asked += 1
        if text.startswith("forged"):
            raise WrongSignature
        return PartialToken("s", "i", "l", "a@example.com", self.clock(), self.clock() + self.life)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def partials(clock: FakeClock) -> FakePartials:
    return FakePartials(clock)


async def test_a_token_that_was_believed_is_not_verified_again_for_a_minute(
    clock: FakeClock, partials: FakePartials
) -> None:
    believe = Believe(partials, clock, 10)
    first = await believe.verify("token")
    assert await believe.verify("token") is first
    assert partials.asked == 1
    clock.advance(seconds=REMEMBERED.total_seconds())
    await believe.verify("token")
    assert partials.asked == 2


async def test_no_token_is_remembered_past_its_end(clock: FakeClock, partials: FakePartials) -> None:
    believe, partials.life = Believe(partials, clock, 10), timedelta(seconds=5)
    await believe.verify("token")
    clock.advance(seconds=5)
    await believe.verify("token")
    assert partials.asked == 2


@pytest.mark.parametrize("text", ["forged", "forged \udcff, which is no text"])
async def test_what_is_not_believed_is_judged_each_time_and_kept_nowhere(
    clock: FakeClock, partials: FakePartials, text: str
) -> None:
    believe = Believe(partials, clock, 10)
    for _ in range(2):
        with pytest.raises(WrongSignature):
            await believe.verify(text)
    assert partials.asked == 2
    assert not believe.verdicts


async def test_another_token_is_another_verdict_and_memory_has_an_end(clock: FakeClock, partials: FakePartials) -> None:
    believe = Believe(partials, clock, 2)
    for text in ("a", "b", "c"):
        await believe.verify(text)
    assert len(believe.verdicts) == 2
    await believe.verify("c")
    assert partials.asked == 3
    await believe.verify("a")
    assert partials.asked == 4

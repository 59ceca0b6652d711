"""A partial token of this very process is not verified for a minute, and reads the same all the while."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.keyring import KeyRing, new_key
from countersign import PARTIAL, PartialToken, Verifier
from countersign.claims import PARTIAL_AUDIENCE
from countersign.errors import InvalidToken
from services.auth.crypto.own_keys import OwnKeys
from services.auth.crypto.own_partials import REMEMBERED, OwnPartials
from services.auth.crypto.signer import TokenSigner
from tests.fakes.clock import FakeClock

ISSUER = "https://id.example.com"


class Counted:
    """A verifier, and how often it was asked."""

    def __init__(self, inner: Verifier[PartialToken]) -> None:
        self.inner, self.asked = inner, 0

    async def verify(self, text: str) -> PartialToken:
        self.asked += 1
        return await self.inner.verify(text)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(clock: FakeClock) -> Any:
    ring = KeyRing(clock, [new_key("k", clock())])
    verifier = Verifier(PARTIAL, issuer=ISSUER, audience=PARTIAL_AUDIENCE, keys=OwnKeys(ring), clock=clock)
    counted = Counted(verifier)
    return OwnPartials(TokenSigner(ring, ISSUER), counted, OwnKeys(ring), clock, 2), counted, ring


def a_token(clock: FakeClock, name: str = "id") -> PartialToken:
    now = clock() + timedelta(microseconds=987_654)
    return PartialToken("user", name, "login", "eve@example.com", now, now + timedelta(minutes=5), "device")


async def test_it_reads_the_same_whether_remembered_or_verified(world: Any, clock: FakeClock) -> None:
    partials, counted, _ = world
    text = partials.partial(a_token(clock))
    clock.advance(seconds=1)
    remembered = await partials.verify(text)
    assert counted.asked == 0
    clock.advance(seconds=REMEMBERED.total_seconds())
    assert await partials.verify(text) == remembered
    assert counted.asked == 1


async def test_a_key_that_was_withdrawn_vouches_for_nothing_from_that_moment(world: Any, clock: FakeClock) -> None:
    partials, _, ring = world
    text = partials.partial(a_token(clock))
    assert await partials.verify(text)
    ring.keys = (new_key("other", clock()),)
    with pytest.raises(InvalidToken):
        await partials.verify(text)


async def test_one_changed_letter_is_another_token(world: Any, clock: FakeClock) -> None:
    partials, _, _ = world
    text = partials.partial(a_token(clock))
    head, claims, signature = text.split(".")
    for forged in (f"{head}.{claims}.{signature[:-4]}AAAA", f"{head}.{claims}", text + "=", "\ud800"):
        with pytest.raises(InvalidToken):
            await partials.verify(forged)


async def test_no_more_are_kept_than_there_is_room_for(world: Any, clock: FakeClock) -> None:
    partials, counted, _ = world
    texts = [partials.partial(a_token(clock, name)) for name in ("a", "b", "c")]
    for text in texts:
        await partials.verify(text)
    assert (len(partials.signed), counted.asked) == (2, 1)

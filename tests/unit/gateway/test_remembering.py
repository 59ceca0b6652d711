"""Sessions while their store is away, and after it came back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from gateway.store.remembered_sessions import RememberedSessions
from tests.fakes.clock import FakeClock
from tests.fakes.signing_in import FakeVisits


class Flaky(FakeVisits):
    away = False

    async def load(self, cookie: str | None) -> Visit:
        self._require_here()
        return await super().load(cookie)

    async def renew(self, cookie: str, tokens: Tokens) -> None:
        self._require_here()
        await super().renew(cookie, tokens)

    async def end(self, cookie: str) -> None:
        self._require_here()
        await super().end(cookie)

    def _require_here(self) -> None:
        if self.away:
            raise ConnectionError


def tokens(clock: FakeClock, name: str = "first") -> Tokens:
    return Tokens(name, f"refresh of {name}", 300, clock() + timedelta(seconds=300))


async def seen(kept: int = 10) -> tuple[FakeClock, Flaky, RememberedSessions, str]:
    clock, store = FakeClock(), Flaky()
    sessions = RememberedSessions(store, clock, kept)
    cookie = await sessions.save(Visit().with_session(tokens(clock)))
    await sessions.load(cookie)
    return clock, store, sessions, cookie


async def test_a_browser_that_was_seen_goes_on_until_its_token_ends() -> None:
    clock, store, sessions, cookie = await seen()
    store.away = True
    assert (await sessions.load(cookie)).is_signed_in
    with pytest.raises(ConnectionError):
        await sessions.load("unknown")
    clock.advance(seconds=300)
    with pytest.raises(ConnectionError):
        await sessions.load(cookie)


async def test_memory_never_outlives_an_end_that_the_store_knows() -> None:
    _, store, sessions, cookie = await seen()
    await store.end(cookie)
    assert await sessions.load(cookie) == Visit()
    store.away = True
    with pytest.raises(ConnectionError):
        await sessions.load(cookie)


async def test_signing_out_while_the_store_is_away_forgets_at_once() -> None:
    _, store, sessions, cookie = await seen()
    store.away = True
    with pytest.raises(ConnectionError):
        await sessions.end(cookie)
    with pytest.raises(ConnectionError):
        await sessions.load(cookie)


async def test_tokens_that_could_not_be_stored_are_stored_as_soon_as_they_can_be() -> None:
    clock, store, sessions, cookie = await seen()
    fresh = tokens(clock, "fresh")
    store.away = True
    await sessions.renew(cookie, fresh)
    assert (await sessions.load(cookie)).tokens == fresh
    store.away = False
    assert (await sessions.load(cookie)).tokens == fresh
    assert (await store.load(cookie)).tokens == fresh
    assert not sessions.owed


async def test_only_so_many_are_remembered() -> None:
    clock, store, sessions, first = await seen(kept=2)
    for _ in range(2):
        await sessions.load(await sessions.save(replace(Visit(), email="x").with_session(tokens(clock))))
    assert len(sessions.seen) == 2
    store.away = True
    with pytest.raises(ConnectionError):
        await sessions.load(first)


async def test_nobody_is_remembered_for_longer_than_he_could_be_let_on() -> None:
    clock, _, sessions, first = await seen()
    clock.advance(seconds=301)
    second = await sessions.save(Visit().with_session(tokens(clock)))
    await sessions.load(second)
    assert first not in sessions.seen
    assert second in sessions.seen

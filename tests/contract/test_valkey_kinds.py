"""What the services ask of Valkey is answered by one server, by a master under Sentinel and by a Cluster alike."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chassis import valkey
from chassis.clock import system_clock
from services.auth.model.ended import BEGINNING, Ended
from services.auth.store.ended_feed import ValkeyFeed, read_after
from services.twofactor.model.challenge import Status
from services.twofactor.store.challenges import ValkeyChallenges
from tests.fakes import valkey_group
from tests.fakes.twofactor_drafts import a_challenge
from tools import secrets

KINDS = {
    "sentinel": lambda folder, users: valkey_group.sentinel(folder, users, replicas=0, sentinels=1),
    "cluster": lambda folder, users: valkey_group.cluster(folder, users, replicas=0),
}
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module", params=["sentinel", "cluster"])
def url_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The address for a service's user, with the rights that it has in production."""
    users = {name: secrets.password() for name in secrets.VALKEY_RIGHTS}
    acl = "".join(line for line in secrets.valkey_users(users).splitlines(keepends=True) if "default" not in line)
    folder: Path = tmp_path_factory.mktemp(request.param)
    with KINDS[request.param](folder, acl) as group:
        yield lambda name: group.url(name, users[name])


async def test_a_challenge_moves_and_whoever_waits_hears_of_it(url_of: Callable[[str], str]) -> None:
    teller, hearer = valkey.connect(url_of("twofactor")), valkey.connect(url_of("gateway"))
    try:
        async with hearer.pubsub() as subscription:
            await subscription.subscribe("twofactor:challenges")
            assert (await subscription.get_message(timeout=5))["type"] == "subscribe"
            store, challenge = ValkeyChallenges(teller), a_challenge()
            await store.open(challenge, at_most=5)
            denied = challenge.moved(Status.DENIED, challenge.created_at)
            assert await store.move(denied, expected=challenge.status, closes=True)
            assert (await subscription.get_message(timeout=5))["type"] == "message"
            assert (await store.latest(challenge.login)).status is Status.DENIED
    finally:
        await teller.aclose()
        await hearer.aclose()


async def test_an_end_is_told_and_read(url_of: Callable[[str], str]) -> None:
    teller, hearer = valkey.connect(url_of("auth")), valkey.connect(url_of("gateway"))
    try:
        feed = ValkeyFeed(teller, 300 * SECOND)
        assert len(await feed.life()) == 40
        assert await feed.life() == await feed.life()
        await feed.add([Ended("s", system_clock())])
        (entry,) = await read_after(hearer, BEGINNING, wait=SECOND)
        assert entry.session_id == "s"
        assert await read_after(hearer, entry.place, wait=SECOND / 10) == []
        assert await teller.ping()
    finally:
        await teller.aclose()
        await hearer.aclose()


async def test_a_burst_waits_its_turn(url_of: Callable[[str], str]) -> None:
    client = valkey.connect(url_of("auth"))
    try:
        answers = await asyncio.gather(*(client.set(f"auth:burst:{n}", b"1", px=5000) for n in range(300)))
        assert all(answers)
    finally:
        await client.aclose()

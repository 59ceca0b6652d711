"""Everything at once: what may happen once happens once."""

import asyncio
from collections import Counter

from tests.security.system.attacker import Victim, claims_of
from tools.demo.story import NUMBER
from tools.devstack.stack import Stack

MANY = 50


async def test_fifty_exchanges_of_one_approval_open_one_session(victim: Victim) -> None:
    partial = await victim.approved()
    answers = await asyncio.gather(*(victim.exchange(partial) for _ in range(MANY)))
    assert Counter(status for status, _ in answers) == {200: 1, 400: MANY - 1}
    assert {body["error"] for status, body in answers if status == 400} == {"invalid_grant"}
    tokens = next(body for status, body in answers if status == 200)
    _, listed = await victim.ask("GET", "/v1/sessions", tokens["access_token"])
    assert len(listed["sessions"]) == 1


async def test_a_code_at_hand_fifty_times_at_once_opens_one_session(victim: Victim) -> None:
    partial, code = await victim.partial(), await victim.code()
    answers = await asyncio.gather(*(victim.confirm(partial, code) for _ in range(MANY)))
    assert Counter(status for status, _ in answers) == {200: 1, 400: MANY - 1}
    tokens = next(body for status, body in answers if status == 200)
    _, listed = await victim.ask("GET", "/v1/sessions", tokens["access_token"])
    assert [session["amr"] for session in listed["sessions"]] == [["pwd", "otp", "mfa"]]


async def test_guesses_in_one_request_each_are_no_more_than_a_login_has(victim: Victim) -> None:
    """Whoever has the password, and tries to be at several challenges at once."""
    partial = await victim.partial()
    answers = await asyncio.gather(*(victim.confirm(partial, f"{number:07}") for number in range(MANY)))
    left = [body["tries_left"] for _, body in answers if body["error"] == "invalid_code" and body["tries_left"]]
    # Five challenges of a login, and the last guess of each ends it.
    assert len(left) <= 5 * 4
    assert {status for status, _ in answers} <= {400, 429}
    for _ in range(5):
        await victim.confirm(partial, "0000000")
    assert (await victim.confirm(partial, await victim.code()))[1]["error"] == "access_denied"


async def test_fifty_opened_at_once_are_one_push(victim: Victim) -> None:
    partial = await victim.partial()
    answers = await asyncio.gather(
        *(victim.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"}) for _ in range(MANY))
    )
    assert Counter(status for status, _ in answers) == {201: 1, 409: MANY - 1}
    opened = next(body["id"] for status, body in answers if status == 201)
    assert {body["challenge_id"] for status, body in answers if status == 409} == {opened}
    assert len(await victim.requests()) == 1


async def test_fifty_guesses_at_once_are_five(victim: Victim) -> None:
    partial = await victim.partial()
    _, challenge = await victim.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "app"})
    address = f"/v1/mfa/challenges/{challenge['id']}"
    guesses = [{"code": f"{number:07}"} for number in range(MANY)]
    answers = await asyncio.gather(*(victim.ask("POST", f"{address}/code", partial, json=each) for each in guesses))
    judged = [body["tries_left"] for status, body in answers if status == 403]
    assert sorted(left for left in judged if left) == [1, 2, 3, 4]
    assert {status for status, _ in answers} <= {403, 409, 429}
    assert (await victim.ask("GET", address, partial))[1]["status"] == "denied"
    assert (await victim.exchange(partial))[1]["error"] == "access_denied"


async def test_guesses_over_many_logins_at_once_end_at_the_person_s_own_limit(victim: Victim) -> None:
    """A login has 25 guesses, and whoever has the password has many logins."""
    partials = [await victim.partial() for _ in range(14)]
    statuses: Counter[int] = Counter()

    async def guess(partial: str) -> None:
        _, challenge = await victim.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "app"})
        address = f"/v1/mfa/challenges/{challenge['id']}/code"
        for _ in range(5):
            status, body = await victim.ask("POST", address, partial, json={"code": "0000000"})
            statuses[status] += 1
            assert status == 429 or body["error"] == "invalid_code"

    await asyncio.gather(*map(guess, partials))
    assert statuses == {403: 50, 429: 20}


async def test_approve_deny_and_cancel_at_once_agree_on_one_end(victim: Victim) -> None:
    for _ in range(4):
        partial = await victim.partial()
        challenge = await victim.push(partial)
        address = f"/v1/mfa/challenges/{challenge}"
        request = await victim.pending()
        uuid, code = request["uuid"], {"code": request["details"][NUMBER]}
        buttons = [f"/control/approval_requests/{uuid}/{button}" for button in ("approve", "deny", "approve", "deny")]
        everything = await asyncio.gather(
            *(victim.ask("POST", button, base=victim.simulator_url) for button in buttons),
            *(victim.ask("POST", f"{address}/code", partial, json=code) for _ in range(2)),
            *(victim.ask("DELETE", address, partial) for _ in range(4)),
            *(victim.exchange(partial) for _ in range(8)),
        )
        sessions = sum("access_token" in body for _, body in everything)
        later = await victim.exchange(partial)
        sessions += later[0] == 200
        end = (await victim.ask("GET", address, partial))[1]["status"]
        assert end in {"consumed", "denied", "cancelled"}
        assert sessions == (1 if end == "consumed" else 0)


async def test_a_storm_of_refreshes_is_one_step(victim: Victim) -> None:
    opened = await victim.session()
    answers = await asyncio.gather(*(victim.refresh(opened["refresh_token"]) for _ in range(MANY)))
    assert {status for status, _ in answers} == {200}, "a person's many tabs do not sign them out"
    assert len({body["refresh_token"] for _, body in answers}) == 1, "and get one and the same child"
    child = answers[0][1]["refresh_token"]
    assert (await victim.refresh(child))[0] == 200


async def test_refreshing_while_signing_out_leaves_nothing_that_lives(victim: Victim) -> None:
    for _ in range(3):
        opened = await victim.session()
        answers = await asyncio.gather(
            *(victim.refresh(opened["refresh_token"]) for _ in range(10)),
            victim.ask("DELETE", "/v1/sessions/current", opened["access_token"]),
        )
        assert answers[-1][0] == 204
        for status, body in answers[:-1]:
            if status == 200:
                assert (await victim.refresh(body["refresh_token"]))[1]["error"] == "invalid_grant"
                assert (await victim.ask("GET", "/v1/sessions", body["access_token"]))[0] == 401


async def test_one_address_registered_many_times_at_once_is_one_account(victim: Victim) -> None:
    body = {"email": f"twin.{claims_of(await victim.partial())['jti']}@example.com", "password": victim.password}
    answers = await asyncio.gather(*(victim.ask("POST", "/v1/users", json=body) for _ in range(8)))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 7}


async def test_one_phone_enrolled_by_many_logins_at_once_is_one(victim: Victim) -> None:
    body = {"email": f"solo.{claims_of(await victim.partial())['jti']}@example.com", "password": victim.password}
    await victim.ask("POST", "/v1/users", json=body)
    logins = [(await victim.ask("POST", "/v1/login", json=body))[1]["mfa_token"] for _ in range(8)]
    phones = [{"phone": {"country_code": "44", "number": f"7700 90010{number}"}} for number in range(8)]
    answers = await asyncio.gather(
        *(victim.ask("POST", "/v1/mfa/factors", login, json=phone) for login, phone in zip(logins, phones, strict=True))
    )
    assert Counter(status for status, _ in answers) == {201: 1, 403: 7}
    _, listed = await victim.ask("GET", "/v1/mfa/factors", logins[0])
    assert len({factor["id"].partition("-")[2] for factor in listed["factors"]}) == 1


async def test_the_same_callback_many_times_is_one_approval(victim: Victim, stack: Stack) -> None:
    partial = await victim.partial()
    challenge = await victim.push(partial)
    request = await victim.pending()
    await victim._type_number(challenge, request["details"])
    uuid = request["uuid"]
    press = f"/control/approval_requests/{uuid}/approve"
    answers = await asyncio.gather(*(victim.ask("POST", press, base=stack.simulator_url) for _ in range(20)))
    assert Counter(status for status, _ in answers)[200] == 1
    assert await victim.status(partial, challenge) == "approved"
    assert Counter([status for status, _ in [await victim.exchange(partial), await victim.exchange(partial)]]) == {
        200: 1,
        400: 1,
    }

"""Riding on somebody else's second factor, over HTTP and real stores."""

import asyncio
from pathlib import Path

import jwt

import services.twofactor
from tests.fakes.phone_numbers import new_number
from tests.fakes.twofactor_service import PHONE, running_service_fixture  # noqa: F401 a fixture

TWOFACTOR = Path(services.twofactor.__file__).parent


def subject(token):
    return jwt.decode(token, options={"verify_signature": False})["sub"]


async def test_anothers_challenge_looks_exactly_like_none(running_service):
    service = await running_service()
    victim, attacker = await service.enrolled(), await service.enrolled()
    theirs = await service.opened(victim)
    same_person = service.partial(subject(victim))
    paths = {
        "GET": "/v1/mfa/challenges/{}",
        "DELETE": "/v1/mfa/challenges/{}",
        "POST": "/v1/mfa/challenges/{}/code",
    }
    for token in (attacker, same_person):
        for method, path in paths.items():
            body = {"json": {"code": "1234567"}} if method == "POST" else {}
            real = await service.ask(method, path.format(theirs["id"]), token, **body)
            none = await service.ask(method, path.format("00000000-0000-4000-8000-00000000dead"), token, **body)
            assert real.status == none.status == 404
            assert await real.read() == await none.read()
            kept = {"Content-Type", "Cache-Control", "Content-Length", "Server"}
            assert {h: real.headers[h] for h in kept} == {h: none.headers[h] for h in kept}
    assert (await service.shown(victim, theirs))["status"] == "pending"


async def test_who_has_the_password_and_asks_at_the_same_time_does_not_ride_on_the_victims_approval(running_service):
    service = await running_service()
    victim = await service.enrolled()
    attacker = service.partial(subject(victim))
    mine, theirs = await service.opened(attacker, "sms"), await service.opened(victim)
    await service.press("approve", theirs)
    assert (await service.shown(attacker, mine))["status"] == "pending"
    assert (await service.receipt(attacker)).status == 409
    receipt = (await (await service.receipt(victim)).json())["receipt"]
    claims = jwt.decode(receipt, options={"verify_signature": False})
    own = jwt.decode(victim, options={"verify_signature": False})
    assert (claims["pjti"], claims["txn"]) == (own["jti"], own["txn"])


async def test_a_later_password_alone_does_not_ride_on_yesterdays_approval(running_service):
    service = await running_service()
    token = await service.enrolled()
    await service.press("approve", await service.opened(token))
    await service.receipt(token)
    service.clock.advance(hours=24)
    later = service.partial(subject(token))
    refused = await service.receipt(later)
    assert (refused.status, (await refused.json())["error"]) == (409, "invalid_grant")


async def test_the_push_does_not_live_for_a_day(running_service):
    service = await running_service()
    challenge = await service.opened(await service.enrolled())
    push = service.provider.pushes[service.reference(challenge)]
    assert push.request.seconds_to_expire == challenge["expires_in"] == 120


async def test_fifty_concurrent_exchanges_of_one_approval_get_one_receipt(running_service):
    service = await running_service()
    token = await service.enrolled()
    await service.press("approve", await service.opened(token))
    answers = await asyncio.gather(*(service.receipt(token) for _ in range(50)))
    texts = {(await answer.json())["receipt"] for answer in answers}
    assert {answer.status for answer in answers} == {200}
    assert len(texts) == 1


async def test_parallel_guesses_are_no_more_than_five(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token, "sms")
    path = f"/v1/mfa/challenges/{challenge['id']}/code"
    guesses = [service.ask("POST", path, token, json={"code": f"{n:07d}"}) for n in range(40)]
    answers = await asyncio.gather(*guesses)
    assert {answer.status for answer in answers} <= {403, 409}
    assert service.provider.calls.count("require_code") == 5
    right = await service.ask("POST", path, token, json={"code": service.provider.sent[-1].code})
    assert (right.status, (await right.json())["error"]) == (409, "challenge_over")
    assert (await service.receipt(token)).status == 403


async def test_a_status_asked_in_a_tight_loop_does_not_become_a_loop_at_the_vendor(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    service.clock.advance(seconds=10)
    for _ in range(30):
        await service.shown(token, challenge)
    await service.read_backs()
    assert service.provider.calls.count("read_push") == 1


async def test_a_lost_callback_is_read_back_beside_the_answer(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    await service.type_number(challenge)
    service.provider.approve(service.reference(challenge))
    service.clock.advance(seconds=10)
    assert (await service.shown(token, challenge))["status"] == "pending"
    await service.read_backs()
    assert (await service.shown(token, challenge))["status"] == "approved"


async def test_a_gateway_that_keeps_a_denial_back_while_nobody_waits_hides_it_for_two_minutes_at_most(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    # Whoever has the password and the gateway: no callback passes, and nobody asks how the challenge stands.
    service.provider.deny(service.reference(challenge))
    service.clock.advance(seconds=challenge["expires_in"] + 2)
    await service.look_at_ends()
    assert (await service.receipt(token)).status == 401
    service.clock.advance(seconds=2)
    again = await service.ask("POST", "/v1/mfa/challenges", service.partial(subject(token)), json={"channel": "push"})
    assert (again.status, (await again.json())["reason"]) == (409, "push_paused")
    assert challenge["id"] in await service.said_not_me()


async def test_a_gateway_that_keeps_a_denial_back_while_somebody_waits_gets_no_receipt_meanwhile(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    await service.type_number(challenge)
    service.provider.deny(service.reference(challenge))
    assert (await service.receipt(token)).status == 409
    service.clock.advance(seconds=10)
    await service.shown(token, challenge)
    await service.read_backs()
    assert (await service.shown(token, challenge))["status"] == "denied"
    assert (await service.receipt(token)).status == 403


def test_the_phone_s_approval_is_written_by_who_judges_the_vendor_s_own_word_and_by_nobody_else():
    writers = {path.name for path in TWOFACTOR.rglob("*.py") if "Event.PROVIDER_APPROVES" in path.read_text()}
    assert writers == {"challenge.py", "judge_answer.py"}, "the table, and who reads a signed callback or a request"
    judged_by = {path.name for path in TWOFACTOR.rglob("*.py") if "self.judge(" in path.read_text()}
    assert judged_by == {"receive_callback.py", "read_back.py", "read_at_end.py"}


async def test_a_password_alone_adds_no_second_phone(running_service):
    service = await running_service()
    token = await service.enrolled()
    again = service.partial(subject(token))
    answer = await service.ask("POST", "/v1/mfa/factors", again, json=PHONE)
    assert (answer.status, (await answer.json())["error"]) == (403, "session_required")
    assert service.provider.calls.count("enrol") == 1


async def test_enrolling_many_times_at_once_is_once(running_service):
    service = await running_service()
    token = service.partial()
    enrol = [service.ask("POST", "/v1/mfa/factors", token, json=PHONE) for _ in range(10)]
    answers = await asyncio.gather(*enrol)
    assert {answer.status for answer in answers} <= {201, 403}
    factors = (await (await service.ask("GET", "/v1/mfa/factors", token)).json())["factors"]
    assert len(factors) == 4


async def test_a_fresh_session_removes_its_own_phone_only(running_service):
    service = await running_service()
    mine, theirs = await service.enrolled(), await service.enrolled()
    factors = (await (await service.ask("GET", "/v1/mfa/factors", theirs)).json())["factors"]
    session = service.access(subject(mine))
    stranger = await service.ask("DELETE", f"/v1/mfa/factors/{factors[0]['id']}", session)
    assert (stranger.status, (await stranger.json())["error"]) == (404, "factor_unknown")
    own = (await (await service.ask("GET", "/v1/mfa/factors", session)).json())["factors"]
    only = await service.ask("DELETE", f"/v1/mfa/factors/{own[0]['id']}", session)
    assert (only.status, (await only.json())["error"]) == (409, "last_factor")
    second = {"phone": {"country_code": "44", "number": new_number()}}
    assert (await service.ask("POST", "/v1/mfa/factors", session, json=second)).status == 201
    assert (await service.ask("DELETE", f"/v1/mfa/factors/{own[0]['id']}", session)).status == 204
    left = (await (await service.ask("GET", "/v1/mfa/factors", mine)).json())["factors"]
    assert left
    assert own[0]["id"] not in {each["id"] for each in left}

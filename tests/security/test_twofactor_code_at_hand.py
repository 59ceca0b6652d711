"""Attacks on a login by a code in one step, over HTTP and on the real stores."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg

from chassis.audit.beat import RECORDER
from tests.fakes.twofactor_outage import mortal_postgres_fixture  # noqa: F401 a fixture
from tests.fakes.twofactor_service import Service, random_id, running_service_fixture  # noqa: F401 a fixture
from tools.devstack.engines import Postgres

ERRORS = {"invalid_code", "too_many_codes", "challenge_pending", "access_denied"}
PATH = "/v1/mfa/receipts"
RECORDED = """
SELECT what, sum(times)::integer AS times FROM (
    SELECT what, times FROM audit_inbox WHERE user_id = $1 UNION ALL SELECT what, times FROM audit_events WHERE user_id = $1
) AS told GROUP BY what
"""


async def typed(service: Service, token: str, code: str, **choice: str) -> tuple[int, dict[str, Any]]:
    answer = await service.ask("POST", PATH, token, json={"code": code, **choice})
    return answer.status, await answer.json()


def is_wrong(app):
    right = {app.code(steps=step) for step in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


async def recorded(service: Service, postgres: Postgres, user: str) -> Counter[str]:
    """What the record says of a person, what was only noted too."""
    await service.client.server.app[RECORDER].flush(all_of_them=True)
    owner = await asyncpg.connect(postgres.owner_url("twofactor"))
    rows = await owner.fetch(RECORDED, user)
    await owner.close()
    return Counter({row["what"]: row["times"] for row in rows})


async def test_a_hundred_guesses_at_once_are_five_and_open_one_challenge(running_service, postgres):
    service = await running_service()
    user = random_id()
    _, app = await service.enrolled_app(user)
    token, wrong = service.partial(user), is_wrong(app)
    outcomes = await asyncio.gather(*(typed(service, token, wrong) for _ in range(50)))
    outcomes += await asyncio.gather(*(typed(service, token, wrong) for _ in range(50)))
    judged = [body["tries_left"] for status, body in outcomes if body["error"] == "invalid_code"]
    assert sorted(left for left in judged if left) == [1, 2, 3, 4]
    assert {body["error"] for _, body in outcomes} <= ERRORS
    status, body = await typed(service, token, app.code())
    assert (status, body["error"]) == (403, "access_denied")
    told = await recorded(service, postgres, user)
    assert (told["challenge_opened"], told["code_refused"], told["challenge_denied"]) == (2, 5, 1)


async def test_a_hundred_guesses_over_many_logins_are_judged_as_often_as_the_budget_says(running_service):
    service = await running_service(wrong_codes_per_hour=10)
    user = random_id()
    _, app = await service.enrolled_app(user)
    wrong = is_wrong(app)
    outcomes = await asyncio.gather(*(typed(service, service.partial(user), wrong) for _ in range(50)))
    assert Counter(status for status, _ in outcomes) == {403: 10, 429: 40}
    assert (await typed(service, service.partial(user), app.code()))[0] == 429


async def test_a_code_seen_over_a_shoulder_opens_nothing_beside_its_owner(running_service):
    service = await running_service()
    user = random_id()
    _, app = await service.enrolled_app(user)
    code = app.code()
    outcomes = await asyncio.gather(*(typed(service, service.partial(user), code) for _ in range(8)))
    assert sorted(status for status, _ in outcomes) == [200, *[403] * 7]


async def test_one_login_that_sends_its_code_twenty_times_has_one_receipt(running_service, postgres):
    service = await running_service()
    user = random_id()
    _, app = await service.enrolled_app(user)
    token, code = service.partial(user), app.code()
    outcomes = await asyncio.gather(*(typed(service, token, code) for _ in range(20)))
    assert len({body["receipt"] for status, body in outcomes if status == 200}) == 1
    again, _ = await typed(service, token, code), await service.receipt(token)
    assert again[1]["receipt"] in {body.get("receipt") for _, body in outcomes}
    told = await recorded(service, postgres, user)
    assert (told["receipt_issued"], told["challenge_approved"], told["challenge_opened"]) == (1, 2, 2)


async def test_what_the_record_cannot_hold_nobody_has_and_a_retry_gets_the_one(running_service, mortal_postgres):
    service = await running_service(database_url=mortal_postgres.url)
    user = random_id()
    _, app = await service.enrolled_app(user)
    token = service.partial(user)
    await service.opened(token, "totp")
    await mortal_postgres.die()
    status, body = await typed(service, token, app.code())
    assert (status, body["error"]) == (503, "unavailable")
    await mortal_postgres.rise()
    status, body = await typed(service, token, app.code())
    assert status == 200
    assert (await typed(service, token, app.code()))[1]["receipt"] == body["receipt"]


async def test_a_voided_login_and_another_s_factor_open_nothing(running_service):
    service = await running_service()
    user, stranger = random_id(), random_id()
    (_, mine), (_, theirs) = await service.enrolled_app(user), await service.enrolled_app(stranger)
    listed = await (await service.ask("GET", "/v1/mfa/factors", service.partial(stranger))).json()
    before, token = service.partial(user), service.partial(user)
    status, body = await typed(service, token, theirs.code(), factor_id=listed["factors"][0]["id"])
    assert (status, body["error"]) == (404, "factor_unknown")
    assert (await typed(service, token, theirs.code()))[0] == 403
    service.clock.advance(seconds=30)
    await service.ask("POST", "/v1/mfa/disavowals", service.access(user))
    for login in (before, token):
        status, body = await typed(service, login, mine.code())
        assert (status, body["error"]) == (401, "invalid_token")


async def test_a_body_that_does_not_fit_is_refused_and_opens_nothing(running_service):
    service = await running_service()
    token = await service.enrolled()
    listed = (await (await service.ask("GET", "/v1/mfa/factors", token)).json())["factors"]
    sent = {factor["channel"]: factor["id"] for factor in listed}
    wrong: list[Any] = [
        {},
        [],
        {"code": 123456},
        {"code": "1" * 65},
        {"code": "123456", "x": 1},
        {"code": "123456", "channel": "app", "factor_id": sent["app"]},
        *({"code": "123456", "channel": channel} for channel in ("TOTP", "", 1, ["push"])),
        {"code": "123456", "factor_id": "x" * 65},
    ]
    sending: list[Any] = [
        {"code": "123456", name: chosen}
        for channel in ("push", "sms", "voice")
        for name, chosen in (("channel", channel), ("factor_id", sent[channel]))
    ]
    for body in (*wrong, *sending):
        answer = await service.ask("POST", PATH, token, json=body)
        refused = await answer.json()
        assert (answer.status, refused["error"]) == (400, "invalid_request"), body
        assert ("open a challenge" in refused["errors"][0]["message"]) is (body in sending)
    for data in (b"{", b"\xff", b"[" * 5000):
        answer = await service.ask("POST", PATH, token, data=data, headers={"Content-Type": "application/json"})
        assert answer.status == 400
    assert (await service.ask("POST", PATH, token, data={"code": "123456"})).status == 415
    answer = await service.ask("POST", PATH, token)
    assert (answer.status, (await answer.json())["error"]) == (409, "invalid_grant"), "nothing was opened"

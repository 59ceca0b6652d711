"""Attacks on authenticator apps and recovery codes, over HTTP and on the real stores."""

import asyncio
import base64
import json
from typing import Any

import asyncpg
import pytest
import structlog

from tests.fakes.twofactor_kinds import App
from tests.fakes.twofactor_service import (  # noqa: F401 fixtures
    PHONE,
    Service,
    random_id,
    running_service_fixture,
    valkey_fixture,
)


async def begun(service: Service, token: str) -> tuple[str, App]:
    """What the page would show, and the app that has scanned it."""
    answer = await service.ask("POST", "/v1/mfa/factors", token, json={"totp": {}})
    assert answer.status == 202, await answer.text()
    told = await answer.json()
    return told["id"], App(base64.b32decode(told["secret"]), service.clock)


async def confirmed(service: Service, token: str, id_: str, code: str) -> tuple[int, dict[str, Any]]:
    answer = await service.ask("POST", f"/v1/mfa/factors/{id_}/confirmation", token, json={"code": code})
    return answer.status, await answer.json()


async def answered(service: Service, token: str, challenge: dict[str, Any], code: str) -> tuple[int, dict[str, Any]]:
    answer = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", token, json={"code": code})
    return answer.status, await answer.json()


async def codes_of(service: Service, user: str) -> list[str]:
    answer = await service.ask("POST", "/v1/mfa/recovery-codes", service.access(user))
    assert answer.status == 201, await answer.text()
    return list((await answer.json())["codes"])


async def logins(service: Service, user: str, channel: str, count: int) -> list[tuple[str, dict[str, Any]]]:
    tokens = [service.partial(user) for _ in range(count)]
    return [(token, await service.opened(token, channel)) for token in tokens]


async def test_a_hundred_parallel_guesses_at_an_app_are_judged_as_often_as_the_budget_says(running_service):
    service = await running_service(wrong_codes_per_hour=10)
    user = random_id()
    _, app = await service.enrolled_app(user)
    wrong = next(code for code in ("000000", "111111", "222222", "333333") if code not in
                 {app.code(steps=step) for step in (-1, 0, 1)})  # fmt: skip
    open_logins = await logins(service, user, "totp", 20)
    tries = [answered(service, token, challenge, wrong) for token, challenge in open_logins for _ in range(5)]
    statuses = [status for status, _ in await asyncio.gather(*tries)]
    assert (statuses.count(403), statuses.count(429)) == (10, 90)


async def test_a_hundred_parallel_guesses_at_recovery_codes_use_none_up(running_service):
    service = await running_service(wrong_codes_per_hour=10)
    user = random_id()
    await service.enrolled_app(user)
    codes = await codes_of(service, user)
    open_logins = await logins(service, user, "recovery", 20)
    guess = f"{codes[0][:-1]}{'A' if codes[0][-1] != 'A' else 'B'}"
    tries = [answered(service, token, challenge, guess) for token, challenge in open_logins for _ in range(5)]
    statuses = [status for status, _ in await asyncio.gather(*tries)]
    assert (statuses.count(403), statuses.count(429)) == (10, 90)
    listed = await (await service.ask("GET", "/v1/mfa/factors", service.partial(user))).json()
    assert {factor["channel"]: factor.get("left") for factor in listed["factors"]} == {"totp": None, "recovery": 10}


@pytest.mark.parametrize("channel", ["totp", "recovery"])
async def test_a_code_seen_over_a_shoulder_opens_nothing_beside_its_owner(running_service, channel):
    service = await running_service()
    user = random_id()
    _, app = await service.enrolled_app(user)
    code = app.code() if channel == "totp" else (await codes_of(service, user))[0]
    open_logins = await logins(service, user, channel, 8)
    outcomes = await asyncio.gather(*(answered(service, *login, code) for login in open_logins))
    assert sorted(status for status, _ in outcomes) == [200, *[403] * 7]


async def test_what_an_attacker_with_the_password_began_before_the_owner_enrolled_counts_for_nothing(running_service):
    service = await running_service()
    user = random_id()
    attacker = service.partial(user)
    id_, app = await begun(service, attacker)
    await service.enrolled(user)
    status, answer = await confirmed(service, attacker, id_, app.code())
    assert (status, answer["error"]) == (403, "session_required")
    refused = await service.ask("POST", "/v1/mfa/factors", service.partial(user), json={"totp": {}})
    assert refused.status == 403


async def test_nobody_finishes_what_another_login_or_session_began(running_service):
    service = await running_service()
    user = random_id()
    mine = service.partial(user)
    id_, app = await begun(service, mine)
    for other in (service.partial(user), service.partial(), service.access(user), service.access()):
        status, answer = await confirmed(service, other, id_, app.code())
        assert (status, answer["error"]) in {(404, "factor_unknown"), (409, "sign_in_again")}
    assert (await confirmed(service, mine, id_, app.code()))[0] == 201


async def test_a_session_found_open_begins_no_app_and_makes_no_codes(running_service):
    service = await running_service()
    user = random_id()
    await service.enrolled(user)
    old = int(service.clock().timestamp()) - 301
    for token in (service.access(user, auth_time=old), service.access(user, acr="aal1")):
        for path, body in (("/v1/mfa/factors", {"totp": {}}), ("/v1/mfa/recovery-codes", None)):
            answer = await service.ask("POST", path, token, json=body)
            assert answer.status == 401
            assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]
    assert (await service.ask("POST", "/v1/mfa/recovery-codes", service.partial(user))).status == 401


@pytest.mark.parametrize("id_", ["x", "*", "%00", "..%2Fguesses", "a" * 500, "00000000-0000-4000-8000-00000000dead"])
async def test_an_id_that_names_nothing_is_a_404_and_no_fault(running_service, id_):
    service = await running_service()
    answer = await service.ask(
        "POST", f"/v1/mfa/factors/{id_}/confirmation", service.partial(), json={"code": "123456"}
    )
    assert answer.status == 404


@pytest.mark.parametrize("body", [{}, {"totp": {}, **PHONE}, {"totp": None}, {"totp": {"secret": "A"}}, {"totp": []}])
async def test_a_body_that_is_neither_or_chooses_its_own_secret_is_refused(running_service, body):
    service = await running_service()
    assert (await service.ask("POST", "/v1/mfa/factors", service.partial(), json=body)).status == 400


async def test_secrets_and_codes_stand_in_no_log_no_row_and_no_key(running_service, valkey, postgres):
    service = await running_service()
    user = random_id()
    with structlog.testing.capture_logs() as lines:
        pending, waiting_app = await begun(service, service.partial())
        kept = await valkey.get(f"twofactor:pending:{pending}")
        _, app = await service.enrolled_app(user)
        codes = await codes_of(service, user)
        token = service.partial(user)
        challenge = await service.opened(token, "recovery")
        await answered(service, token, challenge, codes[0])
        receipt = await service.receipt(token)
    assert receipt.status == 200
    bare = [code.replace("-", "") for code in codes]
    texts = [base64.b32encode(app.secret).decode(), base64.b32encode(waiting_app.secret).decode(), *codes, *bare]
    assert not [text for text in texts if text in json.dumps(lines, default=str)]
    connection = await asyncpg.connect(postgres.owner_url("twofactor"))
    rows = [
        *await connection.fetch("SELECT * FROM totp_secrets"),
        *await connection.fetch("SELECT * FROM recovery_codes"),
        *await connection.fetch("SELECT * FROM factors"),
    ]
    await connection.close()
    assert len(rows) >= 12
    stored = b"\n".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row.values()) + kept
    assert not [text for text in texts if text.encode() in stored]
    assert app.secret not in stored
    assert waiting_app.secret not in stored


async def test_a_secret_swapped_in_from_another_row_lets_nobody_in_and_is_no_fault_to_others(running_service, postgres):
    """An attacker who may write one column puts his own secret into his victim's row."""
    service = await running_service()
    mine, theirs = random_id(), random_id()
    _, attacker_app = await service.enrolled_app(mine)
    await service.enrolled_app(theirs)
    connection = await asyncpg.connect(postgres.owner_url("twofactor"))
    await connection.execute(
        "UPDATE totp_secrets SET secret_sealed = (SELECT s.secret_sealed FROM totp_secrets s JOIN factors f"
        " ON f.id = s.factor_id WHERE f.user_id = $1) WHERE factor_id = (SELECT id FROM factors WHERE user_id = $2)",
        mine,
        theirs,
    )
    await connection.close()
    token = service.partial(theirs)
    status, answer = await answered(service, token, await service.opened(token, "totp"), attacker_app.code())
    assert (status, answer["error"]) == (409, "factor_unusable")
    token = service.partial(mine)
    assert (await answered(service, token, await service.opened(token, "totp"), attacker_app.code()))[0] == 200

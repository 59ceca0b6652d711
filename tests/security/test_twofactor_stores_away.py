"""Valkey or PostgreSQL away: 503 with Retry-After, and nobody gets in."""

import pytest

from services.twofactor.model.errors import ProviderUnavailable
from tests.fakes.twofactor_outage import mortal_postgres_fixture, mortal_valkey_fixture  # noqa: F401 a fixture
from tests.fakes.twofactor_service import PHONE, running_service_fixture  # noqa: F401 a fixture


async def require_away(answer):
    document = await answer.json()
    assert (answer.status, document["error"]) == (503, "unavailable"), document
    assert answer.headers["Retry-After"] == "1"


async def test_without_valkey_nobody_gets_in_and_afterwards_everything_goes_on(running_service, mortal_valkey):
    service = await running_service(redis_url=mortal_valkey.url)
    token = await service.enrolled()
    challenge = await service.opened(token)
    await service.press("approve", challenge)
    await mortal_valkey.die()
    path = f"/v1/mfa/challenges/{challenge['id']}"
    await require_away(await service.ask("GET", path, token))
    await require_away(await service.receipt(token))
    await require_away(await service.ask("DELETE", path, token))
    await require_away(await service.ask("POST", f"{path}/code", token, json={"code": "1234567"}))
    await require_away(await service.ask("POST", "/v1/mfa/challenges", token, json={"channel": "push"}))
    await require_away(await service.ask("GET", "/v1/mfa/factors", token))
    await require_away(await service.call_back(service.reference(challenge), proof="another"))
    assert (await service.ask("GET", "/readyz")).status == 503
    assert (await service.ask("GET", "/livez")).status == 200
    await mortal_valkey.rise()
    assert (await service.receipt(token)).status == 200


async def test_without_valkey_no_push_goes_out(running_service, mortal_valkey):
    service = await running_service(redis_url=mortal_valkey.url)
    token = await service.enrolled()
    await mortal_valkey.die()
    await require_away(await service.ask("POST", "/v1/mfa/challenges", token, json={"channel": "push"}))
    assert service.provider.pushes == {}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_without_postgres_nobody_has_a_receipt_and_a_retry_gets_the_one(running_service, mortal_postgres, when):
    service = await running_service(database_url=mortal_postgres.url)
    token = await service.enrolled()
    await service.press("approve", await service.opened(token))
    earlier = await (await service.receipt(token)).json() if when == "after" else None
    await mortal_postgres.die()
    await require_away(await service.receipt(token))
    await require_away(await service.ask("POST", "/v1/mfa/factors", service.partial(), json=PHONE))
    await require_away(await service.ask("GET", "/v1/mfa/factors", token))
    await mortal_postgres.rise()
    again = await service.receipt(token)
    assert again.status == 200
    assert earlier is None or (await again.json())["receipt"] == earlier["receipt"]


async def test_while_postgres_is_away_a_waiting_person_still_sees_the_state(running_service, mortal_postgres):
    service = await running_service(database_url=mortal_postgres.url)
    token = await service.enrolled()
    challenge = await service.opened(token)
    await mortal_postgres.die()
    await service.press("approve", challenge)
    assert (await service.shown(token, challenge))["status"] == "approved"
    await require_away(await service.receipt(token))
    await mortal_postgres.rise()
    assert (await service.receipt(token)).status == 200


async def test_while_the_vendor_is_away_every_answer_says_when_to_come_back(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token, "sms")
    for method in ("require_code", "enrol", "push"):
        service.provider.fail(method, ProviderUnavailable())
    answers = [
        await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", token, json={"code": "1234567"}),
        await service.ask("POST", "/v1/mfa/factors", service.partial(), json=PHONE),
    ]
    await service.ask("DELETE", f"/v1/mfa/challenges/{challenge['id']}", token)
    answers.append(await service.ask("POST", "/v1/mfa/challenges", token, json={"channel": "push"}))
    for answer in answers:
        assert (answer.status, (await answer.json())["error"]) == (503, "provider_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    assert (await service.receipt(token)).status == 409

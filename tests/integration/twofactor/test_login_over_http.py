"""A login confirmed by a push over HTTP, PostgreSQL and Valkey."""

import asyncio
import json

import jwt

from tests.fakes.twofactor_service import PHONE, running_service_fixture, valkey_fixture  # noqa: F401 fixtures


async def test_a_person_enrols_a_phone_approves_a_push_and_gets_a_receipt(running_service, postgres):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    assert (challenge["status"], challenge["delivery"]) == ("pending", "push")
    assert (challenge["binding_method"], challenge["waiting_for"]) == ("prompt", ["phone", "code"])
    assert challenge["context"] == {
        "service": "Countersign",
        "place": "not known",
        "browser": "Firefox on Linux",
        "address": "203.0.113.7",
        "time": "2026-01-02T03:04:05.000Z",
    }
    waiting = await service.receipt(token)
    assert (waiting.status, (await waiting.json())["error"]) == (409, "authorization_pending")

    assert (await service.press("approve", challenge)).status == 200
    assert (await service.shown(token, challenge))["status"] == "approved"
    issued = await (await service.receipt(token)).json()
    assert issued["expires_in"] == 60
    assert (await (await service.receipt(token)).json())["receipt"] == issued["receipt"]
    assert (await service.shown(token, challenge))["status"] == "consumed"

    keys = await (await service.ask("GET", "/.well-known/jwks.json")).json()
    header = jwt.get_unverified_header(issued["receipt"])
    assert header["typ"] == "approval+jwt"
    key = jwt.PyJWK(next(k for k in keys["keys"] if k["kid"] == header["kid"]))
    facts = jwt.decode(
        issued["receipt"], key, algorithms=["ES256"], audience="https://id.example.com", options={"verify_exp": False}
    )
    partial = jwt.decode(token, options={"verify_signature": False})
    assert facts["iss"] == "https://id.example.com/approvals"
    assert (facts["sub"], facts["txn"], facts["pjti"]) == (partial["sub"], partial["txn"], partial["jti"])
    assert facts["jti"] == challenge["id"]
    assert facts["amr"] == ["pwd", "swk", "mca", "mfa"]


async def test_everyone_who_waits_is_told_by_one_publication(running_service, valkey):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    async with valkey.pubsub() as subscription:
        await subscription.subscribe("twofactor:challenges")
        assert (await subscription.get_message(timeout=1))["type"] == "subscribe"
        await service.press("approve", challenge)
        messages = [await subscription.get_message(timeout=2) for _ in range(2)]
    told = {"id": challenge["id"], "reason": None, "updated_at": "2026-01-02T03:04:05.000Z"}
    assert [json.loads(message["data"]) for message in messages] == [
        {**told, "status": "pending", "waiting_for": ["phone"]},
        {**told, "status": "approved", "waiting_for": []},
    ]


async def test_a_person_confirms_with_a_code_by_text(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token, "sms")
    assert challenge["delivery"] == "sent"
    wrong = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", token, json={"code": "0000000"})
    assert wrong.status == 403
    assert (await wrong.json())["tries_left"] == 4
    code = service.provider.sent[-1].code
    right = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", token, json={"code": code})
    assert (right.status, (await right.json())["status"]) == (200, "approved")
    receipt = (await (await service.receipt(token)).json())["receipt"]
    assert jwt.decode(receipt, options={"verify_signature": False})["amr"] == ["pwd", "sms", "mca", "mfa"]


async def test_the_factors_of_a_person_are_their_channels(running_service):
    service = await running_service()
    token = service.partial()
    assert await (await service.ask("GET", "/v1/mfa/factors", token)).json() == {"factors": []}
    enrolled = await service.ask("POST", "/v1/mfa/factors", token, json=PHONE)
    assert enrolled.status == 201
    factors = (await (await service.ask("GET", "/v1/mfa/factors", token)).json())["factors"]
    assert [f["channel"] for f in factors] == ["push", "app", "sms", "voice"]
    assert [f["type"] for f in factors] == ["oob", "otp", "oob", "oob"]
    assert [f["preferred"] for f in factors] == [True, False, False, False]
    assert {f["name"] for f in factors} == {"+44 ... 23"}
    assert "1001" not in await enrolled.text(), "the vendor's id of the person stays here"


async def test_the_service_is_alive_and_ready(running_service):
    service = await running_service()
    ready = await service.ask("GET", "/readyz")
    assert (ready.status, (await ready.json())["checks"]) == (
        200,
        {"postgres": "ok", "valkey": "ok", "revocations": "ok"},
    )


async def test_a_burst_of_people_who_look_at_once_is_answered(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    looks = [service.ask("GET", f"/v1/mfa/challenges/{challenge['id']}", token) for _ in range(300)]
    assert {answer.status for answer in await asyncio.gather(*looks)} == {200}

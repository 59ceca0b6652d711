"""Callbacks that Authy did not send, or not now, or not for this; signed as Authy signs, over HTTP."""

import asyncio
import copy
import json

import pytest

from services.twofactor.providers.authy_callback import AuthyCallbackReader
from services.twofactor.providers.authy_signature import signature
from tests.fakes.twofactor_outage import mortal_valkey_fixture  # noqa: F401 a fixture
from tests.fakes.twofactor_service import running_service_fixture  # noqa: F401 a fixture

KEY = "an-api-key-for-tests"
URL = "https://id.example.com/callbacks/authy"


class Phone:
    """Somebody with an open push, and Authy's own hand."""

    def __init__(self, service, token, challenge):
        self.service, self.token, self.challenge = service, token, challenge
        self.reference = service.reference(challenge)
        push = service.provider.pushes[self.reference]
        self.account, self.hidden = push.account, dict(push.request.hidden_details)

    def body(self, status="approved", **changes):
        body = {
            "authy_id": int(self.account),
            "device_uuid": 2102943,
            "callback_action": "approval_request_status",
            "uuid": self.reference,
            "status": status,
            "approval_request": {
                "transaction": {
                    "details": {},
                    "device_details": {},
                    "device_geolocation": "",
                    "device_signing_time": 1512923419,
                    "encrypted": False,
                    "flagged": False,
                    "hidden_details": self.hidden,
                    "message": "Sign in?",
                    "reason": "",
                    "requester_details": None,
                    "status": status,
                    "uuid": self.reference,
                    "created_at_time": 1512923400,
                    "customer_uuid": 15083,
                },
                "expiration_timestamp": 1513009800,
                "logos": None,
                "app_id": "582380eb7e1caa03317ec08c",
            },
            "signature": "c2lnbmF0dXJl",
            "device": {"city": None, "country": "Colombia", "ip": "190.130.65.251", "id": 2102943},
        }
        for path, value in changes.items():
            place = body
            *steps, last = path.split("__")
            for step in steps:
                place = place[step]
            place[last] = value
        return body

    def nonce(self, seconds=0):
        return str(int(self.service.clock().timestamp()) + seconds)

    def signed(self, body, *, nonce=None, key=KEY, method="POST", url=URL):
        nonce = nonce or self.nonce()
        value = signature(api_key=key, nonce=nonce, method=method, url=url, params=copy.deepcopy(body))
        return {"X-Authy-Signature": value, "X-Authy-Signature-Nonce": nonce, "Content-Type": "application/json"}

    async def send(self, body=None, *, method="POST", headers=None, **signing):
        body = self.body() if body is None else body
        headers = self.signed(body, **signing) if headers is None else headers
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.service.ask(method, "/callbacks/authy", headers=headers, data=data)

    async def number_is_typed(self):
        """What the person does beside pressing Approve."""
        await self.service.type_number(self.challenge)

    async def status(self):
        return (await self.service.shown(self.token, self.challenge))["status"]


@pytest.fixture
async def phone(running_service):
    service = await running_service(reader=lambda clock: AuthyCallbackReader(KEY, URL, clock))
    token = await service.enrolled()
    return Phone(service, token, await service.opened(token))


async def test_what_authy_signed_is_believed(phone):
    await phone.number_is_typed()
    assert (await phone.send()).status == 200
    assert await phone.status() == "approved"


async def test_forged_callback_changes_nothing_and_is_told_nothing(phone):
    body = phone.body()
    good = phone.signed(body)
    forgeries = [
        {},
        {"X-Authy-Signature-Nonce": good["X-Authy-Signature-Nonce"]},
        {"X-Authy-Signature": good["X-Authy-Signature"]},
        {**good, "X-Authy-Signature": ""},
        {**good, "X-Authy-Signature": "x" * 5000},
        {**good, "X-Authy-Signature": good["X-Authy-Signature"][:-3] + "AA="},
        {**good, "X-Authy-Signature-Nonce": phone.nonce(1)},
        phone.signed(body, key="another-key"),
        phone.signed(body, key=""),
        phone.signed(body, method="GET"),
        phone.signed(phone.body("denied")),
    ]
    for headers in forgeries:
        answer = await phone.send(body, headers=headers)
        document = await answer.json()
        assert (answer.status, document["error"]) == (401, "invalid_signature")
        assert set(document) == {"title", "status", "detail", "error"}
    assert await phone.status() == "pending"


@pytest.mark.parametrize("header", ["Host", "X-Original-Host", "X-Forwarded-Host", "X-Forwarded-Proto"])
async def test_a_url_rebuilt_from_headers_that_an_attacker_sets_is_not_what_is_checked(phone, header):
    body = phone.body()
    headers = phone.signed(body, url="http://evil.example/callbacks/authy")
    headers[header] = "http" if header.endswith("Proto") else "evil.example"
    assert (await phone.send(body, headers=headers)).status == 401
    headers = {**phone.signed(body), header: "evil.example"}
    assert (await phone.send(body, headers=headers)).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_refused(phone, method):
    body = phone.body()
    for headers in ({}, phone.signed(body, method=method)):
        answer = await phone.send(body, method=method, headers=headers)
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert await phone.status() == "pending"


async def test_a_get_with_the_tree_in_its_query_approves_nothing(phone):
    from urllib.parse import quote

    query = f"approval_request%5Btransaction%5D%5Bstatus%5D=approved&status=approved&uuid={quote(phone.reference)}"
    answer = await phone.service.ask("GET", f"/callbacks/authy?{query}")
    assert answer.status == 405
    assert await phone.status() == "pending"


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
async def test_a_nonce_of_another_time_is_refused(phone, seconds):
    assert (await phone.send(nonce=phone.nonce(seconds))).status == 401
    assert await phone.status() == "pending"


async def test_a_captured_callback_is_worth_nothing_later(phone):
    await phone.number_is_typed()
    body = phone.body()
    captured = phone.signed(body)
    assert (await phone.send(body, headers=captured)).status == 200
    for _ in range(2):
        again = await phone.send(body, headers=captured)
        assert (again.status, (await again.json())["error"]) == (409, "callback_replayed")
    assert (await phone.service.receipt(phone.token)).status == 200
    phone.service.clock.advance(seconds=30)
    token = phone.service.partial()
    assert (await phone.service.receipt(token)).status == 409
    await phone.send(body, headers=captured)
    assert await phone.status() == "consumed"


async def test_fifty_copies_of_one_callback_are_one_approval(phone):
    await phone.number_is_typed()
    body = phone.body()
    captured = phone.signed(body)
    answers = await asyncio.gather(*(phone.send(body, headers=captured) for _ in range(50)))
    assert {answer.status for answer in answers} <= {200, 409}
    assert await phone.status() == "approved"


async def test_a_callback_of_another_account_approves_nothing(phone):
    body = phone.body(authy_id=int(phone.account) + 1)
    answer = await phone.send(body)
    assert (answer.status, (await answer.json())["error"]) == (409, "callback_mismatch")
    assert await phone.status() == "pending"
    assert (await phone.service.receipt(phone.token)).status == 409


async def test_a_callback_for_another_request_approves_nothing(phone):
    other = "11111111-1111-4111-8111-111111111111"
    body = phone.body(uuid=other, approval_request__transaction__uuid=other)
    assert (await phone.send(body)).status == 409
    assert await phone.status() == "pending"


async def test_a_callback_for_nothing_of_ours_is_for_nothing(phone):
    for hidden in ({}, None, [], {"challenge": phone.challenge["id"]}, {"challenge": "../..", "login": "*"}):
        answer = await phone.send(phone.body(approval_request__transaction__hidden_details=hidden))
        assert (answer.status, (await answer.json())["error"]) == (404, "challenge_not_found")
    assert await phone.status() == "pending"


async def test_flagged_is_not_approved(phone):
    # Nothing else is missing: whatever is taken for an approval here opens a session.
    await phone.number_is_typed()
    await phone.send(phone.body(approval_request__transaction__flagged=True))
    assert await phone.status() == "denied"
    assert (await phone.service.receipt(phone.token)).status == 403


async def test_two_status_fields_that_disagree_approve_nothing(phone):
    for body in (
        phone.body(status="denied", approval_request__transaction__status="approved"),
        phone.body(status="approved", approval_request__transaction__status="denied"),
        phone.body(approval_request__transaction__uuid="11111111-1111-4111-8111-111111111111"),
    ):
        assert (await phone.send(body)).status == 401
    assert await phone.status() == "pending"


@pytest.mark.parametrize("status", ["Approved", "approved ", "", None, True, 1, ["approved"], "pending", "expired"])
async def test_only_the_word_itself_approves(phone, status):
    answer = await phone.send(phone.body(status=status))
    assert answer.status in {200, 401}
    assert await phone.status() == "pending"


async def test_approve_after_cancel_opens_nothing(phone):
    await phone.service.ask("DELETE", f"/v1/mfa/challenges/{phone.challenge['id']}", phone.token)
    assert (await phone.send()).status == 200
    assert await phone.status() == "cancelled"
    assert (await phone.service.receipt(phone.token)).status == 409


async def test_approve_after_the_time_is_up_opens_nothing(phone):
    phone.service.clock.advance(seconds=120)
    assert (await phone.send()).status == 200
    assert await phone.status() == "expired"
    assert (await phone.service.receipt(phone.token)).status == 410


async def test_approve_after_deny_opens_nothing(phone):
    assert (await phone.send(phone.body("denied"))).status == 200
    assert (await phone.send()).status == 200
    assert await phone.status() == "denied"
    assert (await phone.service.receipt(phone.token)).status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"approved"',
        b"1e999",
        b"\xff\xfe",
        b'{"a":' * 3000,
        b'{"uuid":"\\u0000"}',
        b'{"uuid":"\\ud800"}',
        b'{"authy_id":' + b"9" * 4000 + b"}",
        b"approval_request%5Bstatus%5D=approved",
    ],
)
async def test_a_malformed_body_is_refused_and_breaks_nothing(phone, body):
    for headers in ({}, {"X-Authy-Signature": "x", "X-Authy-Signature-Nonce": phone.nonce()}):
        assert (await phone.send(body, headers=headers)).status == 401
    assert await phone.status() == "pending"


async def test_a_signed_body_of_the_wrong_shape_breaks_nothing(phone):
    for body in (
        {},
        {"callback_action": "approval_request_status"},
        phone.body(approval_request=None),
        phone.body(approval_request=[]),
        phone.body(approval_request__transaction="approved"),
        phone.body(authy_id=None),
        phone.body(authy_id=True),
        phone.body(authy_id="1001\x00"),
        phone.body(uuid=["x"]),
        phone.body(callback_action="user_removed"),
        phone.body(approval_request__transaction__hidden_details={"challenge": 1, "login": {}}),
        phone.body(approval_request__transaction__hidden_details={"challenge": "\x00", "login": "\x00"}),
    ):
        answer = await phone.send(body)
        assert answer.status in {401, 404, 409}, body
    assert await phone.status() == "pending"


async def test_a_body_over_64_kib_is_not_read_on(phone):
    answer = await phone.send(b'{"x":"' + b"x" * (64 * 1024) + b'"}', headers={})
    assert (answer.status, (await answer.json())["error"]) == (413, "payload_too_large")


async def test_two_signatures_are_no_signature(phone):
    from multidict import CIMultiDict

    body = phone.body()
    headers = CIMultiDict(phone.signed(body))
    headers.add("X-Authy-Signature", "x")
    data = json.dumps(body).encode()
    answer = await phone.service.client.post("/callbacks/authy", headers=headers, data=data)
    assert answer.status == 401
    assert await phone.status() == "pending"


async def test_a_callback_that_met_a_dead_store_succeeds_when_it_comes_again(running_service, mortal_valkey):
    service = await running_service(
        reader=lambda clock: AuthyCallbackReader(KEY, URL, clock), redis_url=mortal_valkey.url
    )
    token = await service.enrolled()
    phone = Phone(service, token, await service.opened(token))
    await phone.number_is_typed()
    body = phone.body()
    headers = phone.signed(body)
    await mortal_valkey.die()
    away = await phone.send(body, headers=headers)
    assert (away.status, away.headers["Retry-After"]) == (503, "1")
    await mortal_valkey.rise()
    assert (await phone.send(body, headers=headers)).status == 200
    assert await phone.status() == "approved"

"""The callback: body, headers and signature (contract sections 6.3 and 7), as an independent receiver sees them."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.twofactor.providers.authy_signature import signature
from tests.fakes.clock import FakeClock
from tests.integration.simulator.outside import Caller, Receiver
from tools.authy_simulator import API_KEY
from tools.authy_simulator.app import create_app
from tools.authy_simulator.callbacks.signature import canonical, sign
from tools.authy_simulator.settings import Settings

VECTORS = Path(__file__).parents[2] / "contract" / "vectors"
SIGNED: list[dict[str, Any]] = json.loads((VECTORS / "authy-signature-vectors.json").read_bytes())
CANONICAL: list[dict[str, Any]] = json.loads((VECTORS / "authy-canonical-cases.json").read_bytes())


@pytest.mark.parametrize("vector", SIGNED, ids=lambda vector: vector["source"])
def test_the_simulator_signs_a_published_callback_as_authy_did(vector: dict[str, Any]) -> None:
    made = sign(
        api_key=vector["api_key"],
        nonce=vector["nonce"],
        method=vector["method"].lower(),
        url=f"{vector['url']}?not=signed#either",
        params=vector["body"],
    )
    assert made == vector["signature"]


@pytest.mark.parametrize("case", CANONICAL, ids=lambda case: case["note"])
def test_the_canonical_form_is_what_rails_makes(case: dict[str, Any]) -> None:
    assert canonical(case["body"]) == case["canonical"]


async def test_an_approval_is_posted_whole_with_authys_headers(authy: Caller, receiver: Receiver) -> None:
    authy_id = await authy.ada()
    logos = [{"res": "default", "url": "https://e.example/a.png"}]
    uuid = await authy.push(authy_id, details={"Process ID": "42"}, hidden_details={"challenge": "c-1"}, logos=logos)
    assert await authy.press(uuid) == {"url": receiver.url, "status": 200, "attempts": 1}
    (post,) = receiver.posts
    assert (post.method, post.query) == ("POST", "")
    assert post.headers["content-type"] == "application/json"
    assert post.headers["user-agent"] == "Authy API"
    assert post.headers["accept-encoding"] == "gzip"
    assert post.headers["x-authy-signature-nonce"] == "1767323045"
    body = post.body
    captured = SIGNED[1]["body"]
    assert set(body) == set(captured)
    assert set(body["device"]) == set(captured["device"])
    assert set(body["approval_request"]) == set(captured["approval_request"])
    transaction = body["approval_request"]["transaction"]
    assert set(transaction) == set(captured["approval_request"]["transaction"])
    assert (body["authy_id"], body["uuid"], body["status"]) == (authy_id, uuid, "approved")
    assert body["callback_action"] == "approval_request_status"
    assert (transaction["uuid"], transaction["status"], transaction["flagged"]) == (uuid, "approved", False)
    assert (transaction["details"], transaction["hidden_details"]) == ({"Process ID": "42"}, {"challenge": "c-1"})
    assert transaction["created_at_time"] == transaction["device_signing_time"] == 1767323045
    assert body["approval_request"]["expiration_timestamp"] == 1767323045 + 120
    assert body["approval_request"]["logos"] == logos


async def test_the_services_own_verifier_finds_the_same_signature(authy: Caller, receiver: Receiver) -> None:
    details = {"Zone": "Zürich ✓", "location": "a [0] & b=None", "Location 2": "*~'()!", "Location": "x"}
    uuid = await authy.push(await authy.ada(), details=details)
    await authy.press(uuid, "deny")
    (post,) = receiver.posts
    assert post.body["status"] == post.body["approval_request"]["transaction"]["status"] == "denied"
    assert post.headers["x-authy-signature"] == signature(
        api_key=API_KEY,
        nonce=post.headers["x-authy-signature-nonce"],
        method="POST",
        url=receiver.url,
        params=post.body,
    )


@pytest.mark.parametrize("status", [200, 401, 500, 302])
async def test_what_the_receiver_answers_is_told(authy: Caller, receiver: Receiver, status: int) -> None:
    receiver.status = status
    callback = await authy.press(await authy.push(await authy.ada()))
    assert (callback["status"], callback["attempts"]) == (status, 1)


async def test_nobody_at_the_callback_url_is_no_status_and_the_answer_stands(clock: FakeClock) -> None:
    settings = Settings(callback_url="http://127.0.0.1:9/callbacks/authy")
    async with TestClient(TestServer(create_app(settings, clock=clock))) as client:
        authy = Caller(client)
        uuid = await authy.push(await authy.ada())
        assert (await authy.press(uuid))["status"] is None
        assert (await authy.get(f"/onetouch/json/approval_requests/{uuid}"))["approval_request"]["status"] == "approved"


@pytest.mark.parametrize(("setting", "kind"), [("text", str), ("number", int)])
async def test_the_device_uuid_is_written_as_asked(receiver: Receiver, setting: str, kind: type) -> None:
    settings = Settings(callback_url=receiver.url, device_uuid=setting)
    async with TestClient(TestServer(create_app(settings))) as client:
        authy = Caller(client)
        await authy.press(await authy.push(await authy.ada()))
    body = receiver.posts[0].body
    assert type(body["device_uuid"]) is kind
    assert str(body["device_uuid"]) == str(body["device"]["id"])

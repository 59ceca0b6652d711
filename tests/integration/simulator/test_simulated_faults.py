"""The bad days, by PUT /control/faults."""

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from services.twofactor.providers.authy_signature import signature
from tests.integration.simulator.outside import Caller, Post, Receiver
from tools.authy_simulator import API_KEY

DETAILS = "/protected/json/app/details"


def is_well_signed(post: Post, url: str, params: dict[str, Any]) -> bool:
    nonce = post.headers["x-authy-signature-nonce"]
    expected = signature(api_key=API_KEY, nonce=nonce, method=post.method, url=url, params=params)
    return expected == post.headers["x-authy-signature"]


async def test_rules_are_shown_counted_down_and_cleared(authy: Caller) -> None:
    rules = [
        {"endpoint": "app/details", "fault": "429", "count": 2},
        {"endpoint": "callback", "fault": "late", "count": None, "seconds": 3.0},
    ]
    assert await authy.control("PUT", "faults", json={"rules": rules}) == {"rules": rules}
    await authy.get(DETAILS, 429)
    assert (await authy.control("GET", "faults"))["rules"][0]["count"] == 1
    await authy.get(DETAILS, 429)
    await authy.get(DETAILS)
    assert (await authy.control("GET", "faults"))["rules"] == rules[1:]
    assert await authy.control("DELETE", "faults") == {"rules": []}
    assert await authy.control("GET", "faults") == {"rules": []}


async def test_throttling_has_authys_body(authy: Caller) -> None:
    await authy.fail(endpoint="app/details", fault=429)
    refused = await authy.get(DETAILS, 429)
    assert (refused["error_code"], refused["message"]) == ("60003", "Rate limit exceeded")


async def test_an_unavailable_api_answers_503(authy: Caller) -> None:
    await authy.fail(endpoint="*", fault="503")
    assert (await authy.get(DETAILS, 503))["success"] is False


async def test_a_proxys_page_is_html(authy: Caller) -> None:
    await authy.fail(endpoint="app/details", fault="HTML")
    answer = await authy.call("GET", DETAILS)
    assert (answer.status, answer.content_type) == (502, "text/html")
    assert "<html>" in await answer.text()


async def test_wrong_json_is_cut_off_or_what_was_asked_for(authy: Caller) -> None:
    await authy.fail(fault="wrong JSON")
    answer = await authy.call("GET", DETAILS)
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(await answer.text())
    await authy.fail(fault="wrong_json", body="[1]", status=201)
    answer = await authy.call("GET", DETAILS)
    assert (answer.status, await answer.text()) == (201, "[1]")


async def test_good_json_may_call_itself_html(authy: Caller) -> None:
    await authy.fail(fault="html_type", code="60026")
    answer = await authy.call("GET", DETAILS)
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert json.loads(await answer.text())["error_code"] == "60026"


@pytest.mark.parametrize(("code", "status"), [("60007", 403), ("60115", 403), ("60017", 503), ("60051", 400)])
async def test_any_documented_error_can_be_called_up(authy: Caller, code: str, status: int) -> None:
    authy_id = await authy.ada_without_app()
    await authy.fail(endpoint="sms", fault="error", code=code, count=1)
    assert (await authy.get(f"/protected/json/sms/{authy_id}", status))["error_code"] == code
    assert (await authy.phone())["messages"] == []
    await authy.get(f"/protected/json/sms/{authy_id}")


async def test_a_slow_api_answers_in_the_end(authy: Caller) -> None:
    await authy.fail(endpoint="app/details", fault="slow", seconds=0.2)
    before = time.monotonic()
    await authy.get(DETAILS)
    assert time.monotonic() - before >= 0.2


async def test_a_reset_breaks_the_connection(authy: Caller) -> None:
    await authy.fail(endpoint="users/new", fault="reset", count=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await authy.call("POST", "/protected/json/users/new", json={})
    await authy.ada()


async def test_a_rule_may_name_a_whole_group(authy: Caller) -> None:
    authy_id = await authy.ada()
    uuid = await authy.push(authy_id)
    await authy.fail(endpoint="/onetouch/json/approval_requests", fault="503")
    await authy.get(f"/onetouch/json/approval_requests/{uuid}", 503)
    await authy.post(f"/onetouch/json/users/{authy_id}/approval_requests", 503, json={"message": "Sign in?"})
    await authy.get(DETAILS)


async def test_a_dropped_callback_never_arrives_and_can_be_read_back(authy: Caller, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada())
    await authy.fail(endpoint="callback", fault="dropped", count=1)
    assert await authy.press(uuid) == {"url": receiver.url, "status": None, "attempts": 0}
    assert receiver.posts == []
    assert (await authy.get(f"/onetouch/json/approval_requests/{uuid}"))["approval_request"]["status"] == "approved"


async def test_a_late_callback_arrives_after_the_button_has_answered(authy: Caller, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada())
    await authy.fail(fault="callback late", seconds=0.1, count=1)
    assert await authy.press(uuid) == {"url": receiver.url, "status": None, "attempts": 0}
    assert receiver.posts == []
    for _ in range(50):
        await asyncio.sleep(0.02)
        if receiver.posts:
            break
    assert receiver.posts[0].body["uuid"] == uuid


async def test_a_repeated_callback_is_the_same_one_again(authy: Caller, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada())
    await authy.fail(fault="repeated", times=3)
    assert (await authy.press(uuid))["attempts"] == 3
    first, second, third = receiver.posts
    assert first == second == third


async def test_a_badly_signed_callback_does_not_verify(authy: Caller, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada())
    await authy.fail(fault="badly signed", count=1)
    await authy.press(uuid)
    assert not is_well_signed(receiver.posts[0], receiver.url, receiver.posts[0].body)
    await authy.press(await authy.push(await authy.ada()))
    assert is_well_signed(receiver.posts[1], receiver.url, receiver.posts[1].body)


async def test_a_stale_callback_is_well_signed_and_old(authy: Caller, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada())
    await authy.fail(fault="stale", seconds=301)
    await authy.press(uuid)
    assert is_well_signed(receiver.posts[0], receiver.url, receiver.posts[0].body)
    assert receiver.posts[0].headers["x-authy-signature-nonce"] == str(1767323045 - 301)


async def test_a_flagged_approval_and_one_of_a_merged_account_are_well_signed(
    authy: Caller, receiver: Receiver
) -> None:
    authy_id = await authy.ada()
    await authy.fail(fault="flagged", count=1)
    await authy.press(await authy.push(authy_id))
    await authy.fail(fault="other_authy_id", count=1)
    await authy.press(await authy.push(authy_id))
    flagged, merged = receiver.posts
    assert flagged.body["approval_request"]["transaction"]["flagged"] is True
    assert merged.body["authy_id"] != authy_id
    assert all(is_well_signed(post, receiver.url, post.body) for post in receiver.posts)


async def test_a_get_callback_carries_the_signed_query(authy: Caller, receiver: Receiver) -> None:
    await authy.fail(fault="get", count=1)
    await authy.press(await authy.push(await authy.ada(), details={"Process ID": "a b"}))
    (post,) = receiver.posts
    assert (post.method, post.raw) == ("GET", b"")
    assert "approval_request%5Btransaction%5D%5Bdetails%5D%5BProcess+ID%5D=a+b" in post.query


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (None, "the body must be"),
        ({"rules": "slow"}, "the body must be"),
        ({"rules": ["slow"]}, "a rule is an object"),
        ({"rules": [{"fault": "fire"}]}, "unknown fault fire"),
        ({"rules": [{"fault": "slow", "endpoint": "moon"}]}, "unknown endpoint moon"),
        ({"rules": [{"fault": "slow", "endpoint": "callback"}]}, "callback cannot fail by slow"),
        ({"rules": [{"fault": "late", "endpoint": "sms"}]}, "sms cannot fail by late"),
        ({"rules": [{"fault": "slow", "count": 0}]}, "count must be"),
        ({"rules": [{"fault": "slow", "count": True}]}, "count must be"),
        ({"rules": [{"fault": "slow", "seconds": -1}]}, "seconds must be"),
        ({"rules": [{"fault": "slow", "often": 1}]}, "unknown member often"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_explained_and_changes_nothing(
    authy: Caller, rules: object, told: str
) -> None:
    await authy.fail(fault="slow", endpoint="sms")
    refused = await authy.control("PUT", "faults", 400, json=rules)
    assert refused["error"] == "invalid_rule"
    assert refused["detail"].startswith(told)
    assert len((await authy.control("GET", "faults"))["rules"]) == 1

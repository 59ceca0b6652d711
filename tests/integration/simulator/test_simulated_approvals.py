"""OneTouch: create and read (contract sections 6.1, 6.2), and the two buttons (control API)."""

from typing import Any
from uuid import UUID

import pytest

from tests.fakes.clock import FakeClock
from tests.integration.simulator.outside import ADAS_PHONE, Caller, Receiver

LOGO = {"res": "default", "url": "https://e.example/a.png"}


async def test_a_push_from_a_form_reaches_the_phone_with_everything_in_it(authy: Caller) -> None:
    authy_id = await authy.ada()
    form = [
        ("message", "Sign in?"),
        ("details[Service]", "Payroll"),
        ("details[Process ID]", "42"),
        ("hidden_details[challenge]", "c-1"),
        ("logos[][res]", "default"),
        ("logos[][url]", "https://e.example/a.png"),
        ("logos[][res]", "high"),
        ("logos[][url]", "https://e.example/b.png"),
        ("seconds_to_expire", "120"),
    ]
    made = await authy.post(f"/onetouch/json/users/{authy_id}/approval_requests", data=form)
    assert made["success"] is True
    uuid = made["approval_request"]["uuid"]
    assert str(UUID(uuid)) == uuid
    assert (await authy.phone())["approval_requests"] == [
        {
            "uuid": uuid,
            "status": "pending",
            "message": "Sign in?",
            "details": {"Service": "Payroll", "Process ID": "42"},
            "hidden_details": {"challenge": "c-1"},
            "logos": [LOGO, {"res": "high", "url": "https://e.example/b.png"}],
            "seconds_to_expire": 120,
            "created_at": "2026-01-02T03:04:05Z",
        }
    ]


async def test_a_push_that_asks_for_nothing_special_lives_a_day(authy: Caller, clock: FakeClock) -> None:
    authy_id = await authy.ada()
    nothing: dict[str, Any] = {"seconds_to_expire": None, "details": {}, "hidden_details": {}, "logos": []}
    uuid = await authy.push(authy_id, **nothing)
    state = (await authy.get(f"/onetouch/json/approval_requests/{uuid}"))["approval_request"]
    assert state["seconds_to_expire"] == 86_400
    clock.advance(hours=23, minutes=59)
    assert (await authy.get(f"/onetouch/json/approval_requests/{uuid}"))["approval_request"]["status"] == "pending"


async def test_a_push_reads_back_as_pending_then_approved_with_the_device(authy: Caller, clock: FakeClock) -> None:
    authy_id = await authy.ada()
    uuid = await authy.push(authy_id, hidden_details={"challenge": "c-1"})
    read = await authy.get(f"/onetouch/json/approval_requests/{uuid}")
    state = read["approval_request"]
    assert read["success"] is True
    assert (state["uuid"], state["_authy_id"], state["_user_email"]) == (uuid, authy_id, "ada@example.com")
    assert (state["status"], state["processed_at"], state["notified"]) == ("pending", None, False)
    assert state["created_at"] == state["updated_at"] == "2026-01-02T03:04:05Z"
    assert "device" not in state
    clock.advance(seconds=7)
    await authy.press(uuid)
    state = (await authy.get(f"/onetouch/json/approval_requests/{uuid}"))["approval_request"]
    assert (state["status"], state["processed_at"]) == ("approved", "2026-01-02T03:04:12Z")
    assert state["device"]["os_type"] == "android"
    assert state["hidden_details"] == {"challenge": "c-1"}


async def test_a_denied_push_reads_back_as_denied(authy: Caller) -> None:
    uuid = await authy.push(await authy.ada())
    await authy.press(uuid, "deny")
    assert (await authy.get(f"/onetouch/json/approval_requests/{uuid}"))["approval_request"]["status"] == "denied"


async def test_a_push_expires_by_the_clock_and_cannot_be_approved_any_more(
    authy: Caller, clock: FakeClock, receiver: Receiver
) -> None:
    uuid = await authy.push(await authy.ada(), seconds_to_expire=120)
    clock.advance(seconds=119)
    assert (await authy.phone())["approval_requests"][0]["status"] == "pending"
    clock.advance(seconds=1)
    assert (await authy.get(f"/onetouch/json/approval_requests/{uuid}"))["approval_request"]["status"] == "expired"
    assert (await authy.phone())["approval_requests"][0]["status"] == "expired"
    refused = await authy.control("POST", f"approval_requests/{uuid}/approve", 409)
    assert refused == {"error": "not_pending", "detail": "The approval request is expired"}
    assert receiver.posts == []


async def test_a_push_with_zero_seconds_never_expires(authy: Caller, clock: FakeClock, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada(), seconds_to_expire=0)
    clock.advance(days=400)
    assert (await authy.phone())["approval_requests"][0]["status"] == "pending"
    await authy.press(uuid)
    assert receiver.posts[0].body["approval_request"]["expiration_timestamp"] is None


@pytest.mark.parametrize(
    "members",
    [
        {"message": ""},
        {"message": "  "},
        {"message": None},
        {"message": 5},
        {"details": "text"},
        {"details": {"Nested": {"a": "b"}}},
        {"hidden_details": {"list": ["a"]}},
        {"logos": "default"},
        {"logos": [{"res": "huge", "url": "https://e.example/a.png"}]},
        {"logos": [{"res": "low", "url": "https://e.example/a.png"}]},
        {"logos": [{"res": "default", "url": "javascript:1"}]},
        {"logos": [{"res": "default", "url": "https://e.example/" + "a" * 500}]},
        {"logos": ["default"]},
        {"seconds_to_expire": -1},
        {"seconds_to_expire": "soon"},
        {"seconds_to_expire": True},
        {"seconds_to_expire": 10**30},
    ],
)
async def test_a_malformed_push_is_refused(authy: Caller, members: dict[str, Any]) -> None:
    authy_id = await authy.ada()
    body = {"message": "Sign in?", **members}
    refused = await authy.post(f"/onetouch/json/users/{authy_id}/approval_requests", 400, json=body)
    assert (refused["error_code"], refused["success"]) == ("60080", False)
    assert (await authy.phone())["approval_requests"] == []


async def test_a_person_without_the_app_gets_no_push(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    refused = await authy.post(f"/onetouch/json/users/{authy_id}/approval_requests", 400, json={"message": "Sign in?"})
    assert refused["error_code"] == "60050"


async def test_an_unknown_request_is_named_in_its_404(authy: Caller) -> None:
    uuid = "550e8400-e29b-41d4-a716-446655440000"
    assert await authy.get(f"/onetouch/json/approval_requests/{uuid}", 404) == {
        "message": f"Approval request not found: {uuid}",
        "success": False,
        "errors": {},
        "error_code": "60049",
    }


async def test_requests_and_messages_are_listed_newest_first(authy: Caller) -> None:
    authy_id = await authy.ada()
    uuids = [await authy.push(authy_id) for _ in range(3)]
    for _ in range(2):
        await authy.get(f"/protected/json/sms/{authy_id}?force=true")
    phone = await authy.phone()
    assert [each["uuid"] for each in phone["approval_requests"]] == uuids[::-1]
    assert [each["code"] for each in phone["messages"]] == ["1000001", "1000000"]
    assert (phone["authy_id"], phone["registered"]) == (authy_id, True)


async def test_a_phone_remembers_its_latest_fifty_requests(authy: Caller) -> None:
    authy_id = await authy.ada()
    uuids = [await authy.push(authy_id) for _ in range(51)]
    assert len((await authy.phone())["approval_requests"]) == 50
    await authy.get(f"/onetouch/json/approval_requests/{uuids[0]}", 404)
    await authy.get(f"/onetouch/json/approval_requests/{uuids[1]}")


async def test_an_answered_request_cannot_be_answered_again(authy: Caller, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada())
    await authy.press(uuid, "deny")
    for button in ("approve", "deny"):
        refused = await authy.control("POST", f"approval_requests/{uuid}/{button}", 409)
        assert refused["error"] == "not_pending"
    assert len(receiver.posts) == 1


async def test_control_calls_about_nothing_are_json_errors(authy: Caller) -> None:
    assert (await authy.control("GET", "phones/44-1", 404))["error"] == "phone_not_found"
    assert (await authy.control("GET", "phones/ada", 404))["error"] == "phone_not_found"
    assert (await authy.control("POST", "approval_requests/none/approve", 404))["error"] == "approval_request_not_found"
    assert (await authy.control("GET", "nothing", 404))["error"] == "not_found"
    assert (await authy.control("PATCH", "phones/ada", 400, json={"registered": True}))["error"] == "invalid_phone"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"registered": "yes"}', b'{"registered": true, "more": 1}'])
async def test_a_malformed_patch_changes_nothing(authy: Caller, body: bytes) -> None:
    await authy.ada()
    assert (await authy.control("PATCH", f"phones/{ADAS_PHONE}", 400, data=body))["error"] == "invalid_body"
    assert (await authy.phone())["registered"] is True


async def test_the_app_can_be_taken_away_before_the_person_exists(authy: Caller) -> None:
    before = await authy.control("PATCH", f"phones/{ADAS_PHONE}", json={"registered": False})
    await authy.get(f"/protected/json/users/{before['authy_id']}/status", 404)
    authy_id = await authy.ada()
    assert authy_id == before["authy_id"]
    assert (await authy.get(f"/protected/json/users/{authy_id}/status"))["status"]["registered"] is False


async def test_the_phones_are_listed_newest_first(authy: Caller) -> None:
    ada = await authy.ada()
    grace = {"email": "grace@example.org", "cellphone": "2025550147", "country_code": "1"}
    await authy.post("/protected/json/users/new", json={"user": grace})
    phones = (await authy.control("GET", "phones"))["phones"]
    assert [each["phone"] for each in phones] == ["1-2025550147", ADAS_PHONE]
    assert phones[1] == {"phone": ADAS_PHONE, "authy_id": ada, "registered": True}

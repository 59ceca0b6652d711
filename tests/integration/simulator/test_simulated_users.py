"""Users (contract section 3) and what every endpoint has in common (sections 1 and 2)."""

import json
from typing import Any

import pytest

from tests.fakes.clock import FakeClock
from tests.integration.simulator.outside import ADA, ADAS_PHONE, Caller

NOT_FOUND = {
    "message": "User not found.",
    "success": False,
    "errors": {"message": "User not found."},
    "error_code": "60026",
}


async def test_a_user_is_created_from_a_form_with_bracket_keys(authy: Caller) -> None:
    form = {f"user[{name}]": value for name, value in ADA.items()}
    made = await authy.post("/protected/json/users/new", data=form)
    assert made == {"message": "User created successfully.", "user": {"id": made["user"]["id"]}, "success": True}
    assert type(made["user"]["id"]) is int


async def test_a_user_is_created_from_json(authy: Caller) -> None:
    made = await authy.post("/protected/json/users/new", json={"user": {**ADA, "country_code": 44}})
    assert made["success"] is True


async def test_the_same_phone_has_the_same_id_whatever_the_email_and_the_separators(authy: Caller) -> None:
    first = await authy.ada()
    again = await authy.post(
        "/protected/json/users/new", json={"user": {**ADA, "email": "else@example.org", "cellphone": "7700-900.123"}}
    )
    other = await authy.post("/protected/json/users/new", json={"user": {**ADA, "cellphone": "7700900124"}})
    assert again["user"]["id"] == first != other["user"]["id"]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"email": "nobody"}, {"email": "is invalid"}),
        ({"email": ""}, {"email": "is invalid and can't be blank"}),
        ({"cellphone": "12"}, {"cellphone": "is invalid"}),
        ({"cellphone": "７７００９００１２３"}, {"cellphone": "is invalid"}),
        ({"cellphone": None}, {"cellphone": "is invalid"}),
        ({"country_code": "GB"}, {"country_code": "is not supported", "cellphone": "is invalid"}),
        ({"country_code": "999"}, {"country_code": "is not supported", "cellphone": "is invalid"}),
    ],
)
async def test_each_wrong_field_is_named_twice(authy: Caller, changed: dict[str, Any], faults: dict[str, str]) -> None:
    refused = await authy.post("/protected/json/users/new", 400, json={"user": {**ADA, **changed}})
    assert refused == {
        "message": "User was not valid",
        "success": False,
        "errors": {**faults, "message": "User was not valid"},
        **faults,
        "error_code": "60027",
    }


@pytest.mark.parametrize("body", [{}, {"user": "ada"}, {"user": []}, {"user": {"email": ["a@b.co"]}}])
async def test_a_body_without_a_user_is_no_valid_user(authy: Caller, body: dict[str, Any]) -> None:
    refused = await authy.post("/protected/json/users/new", 400, json=body)
    assert refused["error_code"] == "60027"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"user"', b"[" * 100_000])
async def test_json_that_is_no_object_is_an_invalid_request(authy: Caller, body: bytes) -> None:
    path = "/protected/json/users/new"
    answer = await authy.http.post(
        path, data=body, headers={"X-Authy-API-Key": authy.key, "Content-Type": "application/json"}
    )
    assert (answer.status, (await answer.json())["error_code"]) == (400, "60002")


async def test_a_body_that_is_not_utf_8_is_told_so(authy: Caller) -> None:
    refused = await authy.post("/protected/json/users/new", 400, data=b"user[email]=\xff")
    assert refused["error_code"] == "60005"


async def test_the_status_masks_the_phone_and_says_who_has_the_app(authy: Caller) -> None:
    authy_id = await authy.ada()
    answer = await authy.get(f"/protected/json/users/{authy_id}/status")
    assert answer["message"] == "User status."
    assert answer["success"] is True
    status = answer["status"]
    assert (status["authy_id"], status["country_code"], status["phone_number"]) == (authy_id, 44, "XXX-XXX-0123")
    assert (status["registered"], status["confirmed"], status["devices"]) == (True, False, ["android"])
    await authy.control("PATCH", f"phones/{ADAS_PHONE}", json={"registered": False})
    status = (await authy.get(f"/protected/json/users/{authy_id}/status"))["status"]
    assert (status["registered"], status["devices"]) == (False, [])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/protected/json/users/5/status"),
        ("GET", "/protected/json/users/x/status"),
        ("POST", "/protected/json/users/5/remove"),
        ("POST", "/protected/json/users/5/delete"),
        ("POST", "/protected/json/users/delete/5"),
        ("POST", "/protected/json/users/5/update"),
        ("POST", "/protected/json/users/5/register_activity"),
        ("GET", "/protected/json/sms/5"),
        ("GET", "/protected/json/call/5"),
        ("POST", "/onetouch/json/users/5/approval_requests"),
    ],
)
async def test_a_user_that_does_not_exist_is_not_found(authy: Caller, method: str, path: str) -> None:
    answer = await authy.call(method, path)
    assert answer.status == 404
    assert await answer.json() == NOT_FOUND


@pytest.mark.parametrize("path", ["users/{}/remove", "users/{}/delete", "users/delete/{}"])
async def test_a_removed_user_works_for_one_more_day(authy: Caller, clock: FakeClock, path: str) -> None:
    authy_id = await authy.ada()
    removed = await authy.post(f"/protected/json/{path.format(authy_id)}", json={})
    assert removed == {"message": "User removed from application", "success": True}
    clock.advance(hours=23)
    await authy.get(f"/protected/json/users/{authy_id}/status")
    clock.advance(hours=2)
    await authy.get(f"/protected/json/users/{authy_id}/status", 404)
    assert await authy.ada() == authy_id
    await authy.get(f"/protected/json/users/{authy_id}/status")


async def test_an_email_is_updated_if_it_is_one(authy: Caller) -> None:
    authy_id = await authy.ada()
    path = f"/protected/json/users/{authy_id}/update"
    updated = await authy.post(path, data={"email": "new@example.com"})
    assert updated == {"message": "User was updated successfully", "success": True}
    assert (await authy.post(path, 400, data={"email": "new"}))["error_code"] == "60038"
    status = (await authy.get(f"/protected/json/users/{authy_id}/status"))["status"]
    assert status["email"] == "new@example.com"


async def test_an_activity_of_a_known_type_is_registered(authy: Caller) -> None:
    path = f"/protected/json/users/{await authy.ada()}/register_activity"
    made = await authy.post(path, data={"type": "password_reset", "user_ip": "192.0.2.1", "data[reason]": "forgot"})
    assert made == {"message": "Activity was created.", "success": True}
    assert (await authy.post(path, 400, data={"type": "sneeze"}))["error_code"] == "60030"


async def test_the_application_tells_its_channels_and_its_month(authy: Caller) -> None:
    details = await authy.get("/protected/json/app/details")
    assert details["message"] == "Application information."
    assert details["app"]["sms_enabled"] is details["app"]["onetouch_enabled"] is True
    await authy.ada()
    stats = await authy.get("/protected/json/app/stats")
    assert (stats["message"], stats["total_users"], stats["stats"][0]["month"]) == ("Monthly statistics.", 1, "January")


@pytest.mark.parametrize("key", ["", "wrong", "ключ"])
async def test_a_wrong_key_is_refused_by_every_endpoint(authy: Caller, key: str) -> None:
    for path in ("/protected/json/app/details", "/protected/json/users/5/status", "/onetouch/json/approval_requests/u"):
        answer = await authy.http.get(path, headers={"X-Authy-API-Key": key} if key else {})
        assert answer.status == 401
        assert await answer.json() == {
            "error_code": "60001",
            "message": "Invalid API key",
            "errors": {"message": "Invalid API key"},
            "success": False,
        }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/protected/json/nothing"),
        ("GET", "/protected/json/users/new"),
        ("PUT", "/protected/json/sms/5"),
        ("GET", "/onetouch/json/users/5/approval_requests"),
        ("GET", "/protected/xml/app/details"),
    ],
)
async def test_an_unknown_path_is_plain_text(authy: Caller, method: str, path: str) -> None:
    answer = await authy.call(method, path)
    assert (answer.status, answer.content_type) == (404, "text/plain")
    assert (await answer.text()).startswith("Requested URL was not found")


async def test_json_is_written_without_spaces(authy: Caller) -> None:
    answer = await authy.call("GET", "/protected/json/app/details")
    text = await answer.text()
    assert answer.content_type == "application/json"
    assert text == json.dumps(json.loads(text), separators=(",", ":"))

"""Sending and checking codes (contract sections 4 and 5)."""

import pytest

from tests.fakes.clock import FakeClock
from tests.integration.simulator.outside import Caller

WRONG = {
    "message": "Token is invalid",
    "token": "is invalid",
    "success": False,
    "errors": {"message": "Token is invalid"},
    "error_code": "60020",
}


async def test_a_text_is_sent_to_a_person_without_the_app(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    sent = await authy.get(f"/protected/json/sms/{authy_id}")
    assert sent == {"success": True, "message": "SMS token was sent", "cellphone": "+44-XXX-XXX-XX23"}
    (message,) = (await authy.phone())["messages"]
    assert (message["channel"], message["code"], message["sent_at"]) == ("sms", "1000000", "2026-01-02T03:04:05Z")
    assert "1000000" in message["text"]


async def test_a_call_reads_the_code_digit_by_digit(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    assert (await authy.get(f"/protected/json/call/{authy_id}"))["message"] == "Call started..."
    (message,) = (await authy.phone())["messages"]
    assert message["channel"] == "voice"
    assert "1, 0, 0, 0, 0, 0, 0" in message["text"]


@pytest.mark.parametrize("channel", ["sms", "call"])
async def test_a_text_to_a_person_with_the_app_is_ignored_and_still_a_success(authy: Caller, channel: str) -> None:
    authy_id = await authy.ada()
    for query in ("", "?force=false", "?force=True"):
        answer = await authy.get(f"/protected/json/{channel}/{authy_id}{query}")
        assert (answer["success"], answer["ignored"], answer["device"]) == (True, True, "android")
        assert answer["cellphone"] == "+44-XXX-XXX-XX23"
        assert "ignored" in answer["message"].lower()
    assert (await authy.phone())["messages"] == []
    forced = await authy.get(f"/protected/json/{channel}/{authy_id}?force=true")
    assert "ignored" not in forced
    assert len((await authy.phone())["messages"]) == 1


async def test_a_right_code_says_true_as_a_string_and_confirms_the_person(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    await authy.get(f"/protected/json/sms/{authy_id}")
    valid = await authy.get(f"/protected/json/verify/1000000/{authy_id}?force=true")
    assert (valid["message"], valid["token"], valid["success"]) == ("Token is valid.", "is valid", "true")
    assert (valid["device"]["id"], valid["device"]["os_type"]) == (None, "sms")
    assert (await authy.get(f"/protected/json/users/{authy_id}/status"))["status"]["confirmed"] is True


async def test_a_code_works_once(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    await authy.get(f"/protected/json/sms/{authy_id}")
    await authy.get(f"/protected/json/verify/1000000/{authy_id}?force=true")
    again = await authy.get(f"/protected/json/verify/1000000/{authy_id}?force=true", 401)
    assert (again["error_code"], again["token"]) == ("60019", "is invalid")
    assert again["message"] == "Token is invalid. Token was used recently"


async def test_a_code_lives_ten_minutes(authy: Caller, clock: FakeClock) -> None:
    authy_id = await authy.ada_without_app()
    await authy.get(f"/protected/json/sms/{authy_id}")
    clock.advance(minutes=10)
    assert await authy.get(f"/protected/json/verify/1000000/{authy_id}?force=true", 401) == WRONG


@pytest.mark.parametrize("token", ["9999999", "12345", "1234567890123", "abcdefg", "１００００００", "1000000%0A"])
async def test_a_wrong_token_is_refused(authy: Caller, token: str) -> None:
    authy_id = await authy.ada_without_app()
    await authy.get(f"/protected/json/sms/{authy_id}")
    assert await authy.get(f"/protected/json/verify/{token}/{authy_id}?force=true", 401) == WRONG


async def test_verifying_for_nobody_is_401_and_not_404(authy: Caller) -> None:
    refused = await authy.get("/protected/json/verify/1234567/5?force=true", 401)
    assert (refused["error_code"], refused["message"]) == ("60016", "User doesn't exist")


async def test_without_force_an_unconfirmed_person_without_the_app_passes_with_any_token(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    for force in ("", "?force=false", "?force=True"):
        assert (await authy.get(f"/protected/json/verify/9999999/{authy_id}{force}"))["token"] == "is valid"
    assert (await authy.get(f"/protected/json/users/{authy_id}/status"))["status"]["confirmed"] is False
    assert await authy.get(f"/protected/json/verify/9999999/{authy_id}?force=true", 401) == WRONG


async def test_without_force_a_confirmed_or_registered_person_is_still_verified(authy: Caller) -> None:
    authy_id = await authy.ada()
    await authy.get(f"/protected/json/verify/9999999/{authy_id}", 401)
    await authy.get(f"/protected/json/sms/{authy_id}?force=true")
    await authy.get(f"/protected/json/verify/1000000/{authy_id}")
    await authy.control("PATCH", "phones/44-7700900123", json={"registered": False})
    await authy.get(f"/protected/json/verify/9999999/{authy_id}", 401)


async def test_a_code_sent_for_an_action_verifies_for_that_action_alone(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    await authy.get(f"/protected/json/sms/{authy_id}?action=pay&action_message=Pay+240+EUR")
    assert (await authy.phone())["messages"][0]["text"].startswith("Pay 240 EUR")
    verify = f"/protected/json/verify/1000000/{authy_id}?force=true"
    assert await authy.get(verify, 401) == WRONG
    assert await authy.get(f"{verify}&action=login", 401) == WRONG
    await authy.get(f"{verify}&action=pay")


async def test_a_code_sent_for_nothing_verifies_for_no_action(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    await authy.get(f"/protected/json/sms/{authy_id}")
    assert await authy.get(f"/protected/json/verify/1000000/{authy_id}?force=true&action=pay", 401) == WRONG


async def test_an_action_is_at_most_255_characters(authy: Caller) -> None:
    authy_id = await authy.ada_without_app()
    await authy.get(f"/protected/json/sms/{authy_id}?action={'a' * 255}")
    assert (await authy.get(f"/protected/json/sms/{authy_id}?action={'a' * 256}", 400))["error_code"] == "60004"


async def test_the_token_of_the_app_verifies_once_and_shows_the_device(authy: Caller) -> None:
    authy_id = await authy.ada()
    token = (await authy.phone())["app_token"]
    assert len(token) == 7
    valid = await authy.get(f"/protected/json/verify/{token}/{authy_id}?force=true")
    assert (valid["success"], valid["device"]["os_type"]) == ("true", "android")
    assert type(valid["device"]["id"]) is int
    assert (await authy.get(f"/protected/json/verify/{token}/{authy_id}?force=true", 401))["error_code"] == "60019"


async def test_the_token_of_the_app_rolls_every_thirty_seconds_and_is_taken_a_little_late(
    authy: Caller, clock: FakeClock
) -> None:
    authy_id = await authy.ada()
    first = (await authy.phone())["app_token"]
    clock.advance(seconds=30)
    assert (await authy.phone())["app_token"] != first
    clock.advance(seconds=90)
    await authy.get(f"/protected/json/verify/{first}/{authy_id}?force=true")
    clock.advance(seconds=60)
    assert (await authy.get(f"/protected/json/verify/{first}/{authy_id}?force=true", 401))["error_code"] == "60020"


async def test_a_person_without_the_app_has_no_app_token(authy: Caller) -> None:
    authy_id = await authy.ada()
    token = (await authy.phone())["app_token"]
    await authy.control("PATCH", "phones/44-7700900123", json={"registered": False})
    assert (await authy.phone())["app_token"] is None
    await authy.get(f"/protected/json/verify/{token}/{authy_id}?force=true", 401)


async def test_the_app_is_offered_by_text_unless_that_is_switched_off(authy: Caller) -> None:
    await authy.ada_without_app()
    await authy.ada()
    (message,) = (await authy.phone())["messages"]
    assert "install" in message["text"].lower()
    assert message["code"] is None
    user = {"email": "ada@example.com", "cellphone": "7700900123", "country_code": "44"}
    await authy.post("/protected/json/users/new", json={"user": user, "send_install_link_via_sms": False})
    assert len((await authy.phone())["messages"]) == 1

"""pip ``authy`` 2.2.6. Its base URL is a parameter, so nothing of it is changed."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import requests
from authy.api import AuthyApiClient

from tests.contract.authy_clients.conftest import Receiver, Running

NUMBERS = count(7700900200)
LOGOS = [{"res": "default", "url": "https://e.example/a.png"}, {"res": "low", "url": "https://e.example/b.png"}]


@pytest.fixture
def client(simulator: Running) -> AuthyApiClient:
    return AuthyApiClient(simulator.key, api_uri=simulator.url)


@pytest.fixture
def number() -> str:
    return str(next(NUMBERS))


@pytest.fixture
def control(simulator: Running) -> Iterator["Control"]:
    with requests.Session() as session:
        yield Control(session, simulator.url)


class Control:
    def __init__(self, session: requests.Session, url: str) -> None:
        self.session, self.url = session, url

    def phone(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self.session.get(f"{self.url}/control/phones/44-{number}").json()
        return found

    def take_app(self, number: str) -> None:
        self.session.patch(f"{self.url}/control/phones/44-{number}", json={"registered": False})

    def press(self, uuid: str, button: str) -> None:
        answer = self.session.post(f"{self.url}/control/approval_requests/{uuid}/{button}")
        assert answer.json()["callback"]["status"] == 200


def test_a_user_is_created_looked_at_and_deleted(client: AuthyApiClient, number: str) -> None:
    user = client.users.create("ada@example.com", number, 44)
    assert user.ok()
    assert isinstance(user.id, int)
    assert user.errors() == {}
    status = client.users.status(user.id)
    assert status.ok()
    assert status.content["status"]["registered"] is True
    assert client.users.delete(user.id).ok()


def test_a_bad_user_has_errors_to_show(client: AuthyApiClient) -> None:
    user = client.users.create("nobody", "1", 44)
    assert not user.ok()
    assert user.id is None
    assert user.errors()["email"] == user.errors()["cellphone"] == "is invalid"


def test_a_wrong_key_is_told(simulator: Running) -> None:
    refused = AuthyApiClient("wrong", api_uri=simulator.url).apps.fetch()
    assert not refused.ok()
    assert refused.errors()["message"] == "Invalid API key"


def test_a_text_to_an_app_owner_is_ignored_unless_forced(client: AuthyApiClient, number: str, control: Control) -> None:
    user = client.users.create("ada@example.com", number, 44)
    assert client.users.request_sms(user.id).ignored()
    assert client.users.request_call(user.id).ignored()
    sms = client.users.request_sms(user.id, {"force": "true"})
    assert sms.ok()
    assert not sms.ignored()
    call = client.users.request_call(user.id, {"force": "true"})
    assert call.ok()
    assert not call.ignored()
    assert [message["channel"] for message in control.phone(number)["messages"]] == ["voice", "sms"]


def test_a_code_by_text_verifies_once(client: AuthyApiClient, number: str, control: Control) -> None:
    user = client.users.create("ada@example.com", number, 44)
    control.take_app(number)
    assert client.users.request_sms(user.id).ok()
    code = control.phone(number)["messages"][0]["code"]
    assert client.tokens.verify(user.id, code, {}).ok()
    again = client.tokens.verify(user.id, code, {})
    assert not again.ok()
    assert again.errors()["message"] == "Token is invalid. Token was used recently"


def test_the_token_of_the_app_verifies_and_a_wrong_one_does_not(
    client: AuthyApiClient, number: str, control: Control
) -> None:
    user = client.users.create("ada@example.com", number, 44)
    assert client.tokens.verify(user.id, control.phone(number)["app_token"], {}).ok()
    wrong = client.tokens.verify(user.id, "0000000", {})
    assert not wrong.ok()
    assert wrong.errors() == {"message": "Token is invalid"}
    assert client.tokens.verify(5, "0000000", {}).errors() == {"message": "User doesn't exist"}


def test_the_application_is_described(client: AuthyApiClient) -> None:
    assert client.apps.fetch().content["app"]["onetouch_enabled"] is True
    assert client.stats.fetch().content["message"] == "Monthly statistics."


@pytest.mark.parametrize(("button", "status"), [("approve", "approved"), ("deny", "denied")])
def test_a_push_is_sent_read_back_and_its_callback_validates(
    simulator: Running,
    receiver: Receiver,
    client: AuthyApiClient,
    number: str,
    control: Control,
    button: str,
    status: str,
) -> None:
    user = client.users.create("ada@example.com", number, 44)
    sent = client.one_touch.send_request(
        user.id,
        "Sign in?",
        seconds_to_expire=120,
        details={"Browser": "Firefox", "Process ID": "42", "Place": "Zürich / CH"},
        hidden_details={"challenge": "c-1"},
        logos=LOGOS,
    )
    assert sent.ok()
    assert sent.status() is True
    uuid = sent.get_uuid()
    pending = client.one_touch.get_approval_status(uuid)
    assert pending.content["approval_request"]["status"] == "pending"
    control.press(uuid, button)
    assert client.one_touch.get_approval_status(uuid).content["approval_request"]["status"] == status
    callback = receiver.callbacks.get(timeout=5)
    given = {
        "signature": callback.headers["x-authy-signature"],
        "nonce": callback.headers["x-authy-signature-nonce"],
        "method": "POST",
        "url": simulator.callback_url,
    }
    body = json.loads(callback.raw)
    assert client.one_touch.validate_one_touch_signature(**given, params=body)
    body["status"] = "pending"
    assert not client.one_touch.validate_one_touch_signature(**given, params=body)


def test_a_push_with_nothing_but_a_message_is_sent(client: AuthyApiClient, number: str, control: Control) -> None:
    user = client.users.create("ada@example.com", number, 44)
    assert client.one_touch.send_request(user.id, "Sign in?").ok()
    assert control.phone(number)["approval_requests"][0]["seconds_to_expire"] == 86_400


def test_what_does_not_exist_is_told_as_text_or_json(client: AuthyApiClient) -> None:
    assert not client.one_touch.get_approval_status("550e8400-e29b-41d4-a716-446655440000").ok()
    unknown = client.phones.info("7700900123", 44)
    assert unknown.errors()["error"].startswith("Requested URL was not found")

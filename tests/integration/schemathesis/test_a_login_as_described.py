"""One person's whole story, each answer held to the description: what generated requests cannot reach."""

from typing import Any

import httpx
import pyotp
import pytest
import schemathesis

from tests.security.system.attacker import EXCHANGE
from tools.demo.story import NUMBER, bearer
from tools.devstack.stack import Stack

pytestmark = pytest.mark.slow
Json = dict[str, Any]


class Described:
    """Asks a process by method and path as they are described, and holds the answer to it."""

    def __init__(self, stack: Stack, process: str) -> None:
        self.url = f"http://127.0.0.1:{getattr(stack.ports, process)}"
        self.schema = schemathesis.openapi.from_url(f"{self.url}/openapi.json")

    def ask(self, label: str, expected: int, token: str | None = None, **more: Any) -> Json:
        """`label` is `POST /v1/mfa/challenges/{id}/code`; its path is filled in from `ids`."""
        method, path = label.split(" ")
        headers = {**(bearer(token) if token else {}), **more.pop("headers", {})}
        address = self.url + path.format(**more.pop("ids", {}))
        answer = httpx.request(method, address, headers=headers, timeout=30, **more)
        assert answer.status_code == expected, f"{label}: {answer.status_code} {answer.text}"
        self.schema[path][method].validate_response(answer)
        return answer.json() if answer.content else {}


@pytest.fixture(scope="module")
def public(stack: Stack) -> Described:
    return Described(stack, "gateway")


@pytest.fixture(scope="module")
def auth(stack: Stack) -> Described:
    return Described(stack, "auth")


@pytest.fixture(scope="module")
def twofactor(stack: Stack) -> Described:
    return Described(stack, "twofactor")


class Ada:
    """A new account with a phone, at the public API."""

    numbers = iter(range(290_000, 300_000))

    def __init__(self, stack: Stack, public: Described) -> None:
        self.public, self.simulator = public, f"{stack.simulator_url}/control"
        number = f"7401{next(self.numbers)}"
        self.phone = f"44-{number}"
        self.credentials = {"email": f"ada.{number}@example.com", "password": "a long and winding password"}
        phone = {"country_code": "44", "number": number}
        self.user = public.ask("POST /v1/users", 201, json={**self.credentials, "phone": phone})["user_id"]

    def sign_in(self) -> str:
        return str(self.public.ask("POST /v1/login", 200, json=self.credentials)["mfa_token"])

    def shown(self) -> Json:
        found: Json = httpx.get(f"{self.simulator}/phones/{self.phone}").json()
        return found

    def press(self, button: str) -> None:
        pending = next(each for each in self.shown()["approval_requests"] if each["status"] == "pending")
        httpx.post(f"{self.simulator}/approval_requests/{pending['uuid']}/{button}").raise_for_status()

    def approve(self, partial: str) -> None:
        """Types the number that the phone shows, and presses Approve there."""
        request = next(each for each in self.shown()["approval_requests"] if each["status"] == "pending")
        ids = {"id": request["hidden_details"]["challenge"]}
        code = {"code": request["details"][NUMBER]}
        half = self.public.ask("POST /v1/mfa/challenges/{id}/code", 200, partial, ids=ids, json=code)
        assert half["waiting_for"] == ["phone"]
        self.press("approve")

    def open(self, partial: str, channel: str) -> Json:
        return self.public.ask("POST /v1/mfa/challenges", 201, partial, json={"channel": channel})

    def session(self) -> Json:
        partial = self.sign_in()
        self.open(partial, "push")
        self.approve(partial)
        return self.public.ask("POST /oauth2/token", 200, data={**EXCHANGE, "subject_token": partial})


@pytest.fixture
def ada(stack: Stack, public: Described) -> Ada:
    return Ada(stack, public)


@pytest.fixture
def client(stack: Stack) -> tuple[str, str]:
    name, _, secret = stack.environments["auth"]["COUNTERSIGN_SERVICE_CLIENTS"].split()[0].partition(":")
    return name, secret


def test_a_push_that_is_approved(ada: Ada, public: Described, twofactor: Described) -> None:
    partial = ada.sign_in()
    form = {**EXCHANGE, "subject_token": partial}
    assert len(public.ask("GET /v1/mfa/factors", 200, partial)["factors"]) == 4
    challenge = ada.open(partial, "push")
    ids = {"id": challenge["id"]}
    pending = public.ask("POST /v1/mfa/challenges", 409, partial, json={"channel": "push"})
    assert pending["challenge_id"] == challenge["id"]
    assert public.ask("POST /oauth2/token", 400, data=form)["error"] == "authorization_pending"
    assert public.ask("GET /v1/mfa/challenges/{id}", 200, partial, ids=ids)["status"] == "pending"
    assert public.ask("GET /v1/mfa/challenges/{id}", 429, partial, ids=ids)["error"] == "slow_down"
    wrong = public.ask("POST /v1/mfa/challenges/{id}/code", 403, partial, ids=ids, json={"code": "0000000"})
    assert wrong["tries_left"] == 2
    ada.approve(partial)
    wait = {"Prefer": "wait=20"}
    assert public.ask("GET /v1/mfa/challenges/{id}", 200, partial, ids=ids, headers=wait)["status"] == "approved"
    assert twofactor.ask("POST /v1/mfa/receipts", 200, partial)["receipt"]
    assert public.ask("POST /oauth2/token", 200, data=form)["refresh_token"]
    assert public.ask("POST /oauth2/token", 400, data=form)["error"] == "invalid_grant"
    assert public.ask("POST /v1/mfa/challenges", 409, partial, json={"channel": "push"})["error"] == "login_finished"


def test_a_push_that_is_denied(ada: Ada, public: Described, twofactor: Described) -> None:
    partial = ada.sign_in()
    challenge = ada.open(partial, "push")
    ada.press("deny")
    shown = twofactor.ask("GET /v1/mfa/challenges/{id}", 200, partial, ids={"id": challenge["id"]})
    assert shown["status"] == "denied"
    assert twofactor.ask("POST /v1/mfa/receipts", 403, partial)["error"] == "access_denied"
    form = {**EXCHANGE, "subject_token": partial}
    assert public.ask("POST /oauth2/token", 400, data=form)["error"] == "access_denied"


def test_a_code_wrong_and_right(ada: Ada, public: Described) -> None:
    partial = ada.sign_in()
    ids = {"id": ada.open(partial, "sms")["id"]}
    wrong = public.ask("POST /v1/mfa/challenges/{id}/code", 403, partial, ids=ids, json={"code": "0000000"})
    assert wrong["tries_left"] == 4
    public.ask("POST /v1/mfa/challenges/{id}/code", 400, partial, ids=ids, json={"code": "12"})
    code = {"code": ada.shown()["app_token"]}
    assert public.ask("POST /v1/mfa/challenges/{id}/code", 200, partial, ids=ids, json=code)["status"] == "approved"
    assert (
        public.ask("POST /v1/mfa/challenges/{id}/code", 409, partial, ids=ids, json=code)["error"] == "challenge_over"
    )
    assert public.ask("DELETE /v1/mfa/challenges/{id}", 409, partial, ids=ids)["error"] == "challenge_over"


def test_what_tokens_are_worth(ada: Ada, public: Described, auth: Described, client: tuple[str, str]) -> None:
    tokens = ada.session()
    for process in (public, auth):
        found = process.ask("POST /oauth2/introspect", 200, data={"token": tokens["access_token"]}, auth=client)
        assert (found["active"], found["sub"], found["acr"]) == (True, ada.user, "aal2")
        assert process.ask("POST /oauth2/introspect", 200, data={"token": tokens["refresh_token"]}, auth=client)[
            "active"
        ]
        assert process.ask("POST /oauth2/introspect", 200, data={"token": "x"}, auth=client) == {"active": False}
        assert process.ask("POST /oauth2/introspect", 401, data={"token": "x"})["error"] == "invalid_client"
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    child = public.ask("POST /oauth2/token", 200, data=form)
    assert child["access_token"] != tokens["access_token"]
    public.ask("POST /oauth2/revoke", 200, data={"token": child["refresh_token"]})


def test_what_has_ended_is_used_by_nobody(ada: Ada, public: Described, auth: Described) -> None:
    """`use_after_free`, where something is gone: sessions. (A cancelled challenge stays readable, on purpose.)"""
    first, second = ada.session(), ada.session()
    here = second["access_token"]
    listed = public.ask("GET /v1/sessions", 200, here)["sessions"]
    ids = {"id": next(each["id"] for each in listed if not each["current"])}
    public.ask("DELETE /v1/sessions/{id}", 204, here, ids=ids)
    public.ask("DELETE /v1/sessions/{id}", 404, here, ids=ids)
    assert [each["current"] for each in public.ask("GET /v1/sessions", 200, here)["sessions"]] == [True]
    for process in (public, auth):
        process.ask("GET /v1/sessions", 401, first["access_token"])
        form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        assert process.ask("POST /oauth2/token", 400, data=form)["error"] == "invalid_grant"
    public.ask("DELETE /v1/sessions", 204, here, params={"scope": "global"})
    public.ask("GET /v1/sessions", 401, here)


def test_a_second_phone_comes_and_goes(ada: Ada, public: Described) -> None:
    token = ada.session()["access_token"]
    phone = {"country_code": "44", "number": f"7401{next(Ada.numbers)}"}
    factors = public.ask("POST /v1/mfa/factors", 201, token, json={"phone": phone})["factors"]
    assert len(factors) == 8
    assert public.ask("POST /v1/mfa/factors", 403, ada.sign_in(), json={"phone": phone})["error"] == "session_required"
    known = {each["id"].partition("-")[2] for each in public.ask("GET /v1/mfa/factors", 200, token)["factors"]}
    ids = {"id": f"push-{known.pop()}"}
    public.ask("DELETE /v1/mfa/factors/{id}", 204, token, ids=ids)
    public.ask("DELETE /v1/mfa/factors/{id}", 404, token, ids=ids)
    assert len(public.ask("GET /v1/mfa/factors", 200, token)["factors"]) == 4
    assert (
        public.ask("POST /v1/mfa/challenges", 404, ada.sign_in(), json={"factor_id": ids["id"]})["error"]
        == "factor_unknown"
    )


def test_an_app_and_recovery_codes(ada: Ada, public: Described) -> None:
    token = ada.session()["access_token"]
    begun = public.ask("POST /v1/mfa/factors", 202, token, json={"totp": {}})
    ids, code = {"id": begun["id"]}, {"code": pyotp.TOTP(begun["secret"]).now()}
    confirm = "POST /v1/mfa/factors/{id}/confirmation"
    assert public.ask(confirm, 400, token, ids=ids, json={"code": "12"})["error"] == "code_malformed"
    assert public.ask(confirm, 404, ada.session()["access_token"], ids=ids, json=code)["error"] == "factor_unknown"
    assert public.ask(confirm, 201, token, ids=ids, json=code)["login_confirmed"] is False
    codes = public.ask("POST /v1/mfa/recovery-codes", 201, token)["codes"]
    partial = ada.sign_in()
    app = {"id": ada.open(partial, "totp")["id"]}
    again = public.ask("POST /v1/mfa/challenges/{id}/code", 403, partial, ids=app, json=code)
    assert (again["error"], again["reason"]) == ("invalid_code", "reused")
    public.ask("DELETE /v1/mfa/challenges/{id}", 204, partial, ids=app)
    ids = {"id": ada.open(partial, "recovery")["id"]}
    used = public.ask("POST /v1/mfa/challenges/{id}/code", 200, partial, ids=ids, json={"code": codes[0]})
    assert used["status"] == "approved"
    left = {each["channel"]: each.get("left") for each in public.ask("GET /v1/mfa/factors", 200, partial)["factors"]}
    assert left["recovery"] == 9


def test_another_password(ada: Ada, public: Described) -> None:
    token = ada.session()["access_token"]
    change = {"current_password": ada.credentials["password"], "new_password": "another rather winding road"}
    wrong = {**change, "current_password": "not the one that it is"}
    assert public.ask("POST /v1/users/me/password", 403, token, json=wrong)["error"] == "wrong_password"
    weak = {**change, "new_password": "short"}
    assert public.ask("POST /v1/users/me/password", 400, token, json=weak)["error"] == "weak_password"
    public.ask("POST /v1/users/me/password", 204, token, json=change)
    assert public.ask("POST /v1/login", 401, json=ada.credentials)["error"] == "invalid_credentials"

"""Who passes through each proxy, and what the service is told."""

import json

import jwt
import pytest

from tests.integration.forward_auth.asking import Asking
from tests.integration.forward_auth.fronts import HOST
from tools.devstack.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAVIGATION = ("Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: none")


async def test_a_session_passes_and_the_service_is_told_whose_request_it_is(asking: Asking, token: str) -> None:
    answer = await asking("/hello?a=1&b=%20", "Cookie: theme=dark", token=token)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (answer.status, answer.reached and answer.reached["path"]) == (200, "/hello")
    assert answer.told("Countersign-User") == [claims["sub"]]
    assert answer.told("Countersign-Session") == [claims["sid"]]
    assert answer.told("Countersign-Acr") == ["aal2"]
    assert answer.told("Countersign-Amr") == ["pwd swk mca mfa"]
    (assertion,) = answer.told("Countersign-Assertion")
    assert jwt.decode(assertion, options={"verify_signature": False})["aud"] == "app"
    assert answer.told("Cookie") == ["theme=dark"]
    assert answer.told("Authorization") in ([], [""])


async def test_what_is_open_is_open_and_names_nobody(asking: Asking, token: str) -> None:
    for given in (None, token):
        answer = await asking("/public/x", token=given)
        assert answer.status == 200
        assert set(answer.told("Countersign-User") + answer.told("Countersign-Assertion")) <= {""}


async def test_a_person_is_led_to_sign_in_and_a_program_is_refused(asking: Asking) -> None:
    person = await asking("/hello?a=b&c", *NAVIGATION)
    assert (person.status, person.headers["location"]) == (303, "/sign-in?return_to=%2Fhello%3Fa%3Db%26c")
    program = await asking("/hello")
    assert (program.status, program.headers["www-authenticate"]) == (401, "Bearer")
    assert json.loads(program.body)["error"] == "sign_in_required"
    garbage = await asking("/hello", token="no.such.token")
    assert (garbage.status, garbage.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_a_method_that_no_rule_names_is_refused(asking: Asking, token: str) -> None:
    assert (await asking("/read/x")).status == 200
    assert (await asking("/read/x", method="HEAD")).status == 200
    assert (await asking("/read/x", "Content-Length: 0", method="POST", token=token)).status in {403, 405}


async def test_a_person_does_not_pass_where_only_services_do(asking: Asking, token: str) -> None:
    assert (await asking("/services/x", token=token)).status == 403


async def test_a_session_that_was_confirmed_too_long_ago_is_asked_again(asking: Asking, token: str) -> None:
    import asyncio
    import time

    confirmed = jwt.decode(token, options={"verify_signature": False})["auth_time"]
    await asyncio.sleep(max(0.0, confirmed + 4 - time.time()))
    program = await asking("/vault/x", token=token)
    wanted = 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="2"'
    assert (program.status, program.headers["www-authenticate"]) == (401, wanted)
    person = await asking("/vault/x", *NAVIGATION, token=token)
    assert (person.status, person.headers["location"]) == (303, "/sign-in?return_to=%2Fvault%2Fx&reason=fresh")


async def test_the_pages_are_the_gateways_and_on_this_host(asking: Asking) -> None:
    page = await asking("/sign-in", *NAVIGATION)
    assert page.status == 200
    assert b"Sign in" in page.body
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


async def test_nobody_outside_asks_the_gateway(asking: Asking, stack: Stack, token: str) -> None:
    for path in ("/authz/auth-request", "/authz/forward-auth", "/authz/ext-authz/public/x", "/authz/x"):
        says = (
            f"X-Original-Host: {HOST}",
            "X-Original-Method: GET",
            "X-Original-URI: /hello",
            "X-Original-Proto: https",
        )
        answer = await asking(path, *says, token=token)
        assert answer.status == 404
        assert not any(name.startswith("countersign") for name in answer.headers)

"""Tokens that are not a session, offered as one."""

import base64
import json

import jwt
import pytest

from chassis.keyring import KeyRing, new_key
from tests.fakes.gateway_stack import Stack


async def refused(stack: Stack, token: str, error: str = "invalid_token") -> str:
    before = len(stack.upstream.paths)
    async with stack.http.get(stack.url("/app/x"), headers={"Authorization": f"Bearer {token}"}) as answer:
        document = await answer.json()
    assert (answer.status, document["error"]) == (401, error)
    assert len(stack.upstream.paths) == before
    return answer.headers["WWW-Authenticate"]


async def test_a_partial_token_opens_nothing_and_is_told_what_is_missing(stack: Stack) -> None:
    challenge = await refused(stack, stack.auth.partial(), "insufficient_user_authentication")
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'acr_values="aal2"' in challenge


async def test_an_access_token_of_one_factor_opens_nothing(stack: Stack) -> None:
    await refused(stack, stack.auth.access(acr="aal1"), "insufficient_user_authentication")


async def test_an_unsigned_token_is_refused(stack: Stack) -> None:
    def part(document: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()

    claims = jwt.decode(stack.auth.access(), options={"verify_signature": False})
    for alg in ("none", "None", "nOnE"):
        for signature in ("", "AAAA"):
            head = part({"alg": alg, "typ": "at+jwt", "kid": "auth-1"})
            await refused(stack, f"{head}.{part(claims)}.{signature}")


async def test_a_token_signed_with_the_public_key_as_secret_is_refused(stack: Stack) -> None:
    public = stack.auth.keys.jwks()["keys"][0]["x"]
    claims = jwt.decode(stack.auth.access(), options={"verify_signature": False})
    forged = jwt.encode(claims, public, algorithm="HS256", headers={"typ": "at+jwt", "kid": "auth-1"})
    await refused(stack, forged)


async def test_a_token_of_a_stranger_with_our_kid_is_refused(stack: Stack) -> None:
    stranger = KeyRing(stack.clock, [new_key("auth-1", stack.auth.keys.keys[0].signs_from)])
    claims = jwt.decode(stack.auth.access(), options={"verify_signature": False})
    await refused(stack, stranger.sign("at+jwt", claims))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "countersign/mfa"}, {"aud": ["countersign", "other"]}, {"iss": "http://other.test"}, {"exp": 1}, {"iat": 2**40},
        {"exp": "soon"}, {"sub": ""}, {"sid": 7}, {"amr": "pwd"}, {"nbf": 2**40},
    ],
)  # fmt: skip
async def test_a_token_with_foreign_or_bent_claims_is_refused(stack: Stack, changed: dict[str, object]) -> None:
    await refused(stack, stack.auth.access(**changed))


@pytest.mark.parametrize("typ", ["JWT", "mfa+jwt2", "approval+jwt", "assertion+jwt", ""])
async def test_another_kind_of_token_from_the_right_signer_is_refused(stack: Stack, typ: str) -> None:
    claims = jwt.decode(stack.auth.access(), options={"verify_signature": False})
    await refused(stack, stack.auth.keys.sign(typ, claims))


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "." * 5000, "eyJ.eyJ.AAAA", "%00", "é.é.é"])
async def test_garbage_as_a_token_is_refused(stack: Stack, token: str) -> None:
    await refused(stack, token)


async def test_two_authorization_headers_are_refused_whichever_is_good(stack: Stack) -> None:
    good = f"Authorization: Bearer {stack.auth.access()}"
    status, _ = await stack.raw("GET /app/x HTTP/1.1", "Host: g", good, "Authorization: Bearer x.y.z")
    assert status == 401
    status, _ = await stack.raw("GET /app/x HTTP/1.1", "Host: g", good, good)
    assert status == 401
    assert stack.upstream.paths == []


async def test_a_bad_token_is_not_made_good_by_a_cookie_beside_it(stack: Stack) -> None:
    headers = {"Authorization": "Bearer x.y.z", "Cookie": f"__Host-session={await stack.browser()}"}
    async with stack.http.get(stack.url("/app/x"), headers=headers) as answer:
        assert answer.status == 401


async def test_a_token_in_the_address_is_not_looked_at(stack: Stack) -> None:
    async with stack.http.get(stack.url(f"/app/x?access_token={stack.auth.access()}")) as answer:
        assert answer.status == 401


async def test_a_token_that_was_believed_is_not_believed_longer_than_it_lives(stack: Stack) -> None:
    bearer = stack.bearer()
    async with stack.http.get(stack.url("/app/x"), headers=bearer) as answer:
        assert answer.status == 200
    stack.clock.advance(seconds=300)
    async with stack.http.get(stack.url("/app/x"), headers=bearer) as answer:
        assert answer.status == 401


async def test_a_token_that_is_no_text_is_refused_where_its_session_is_looked_up_first(stack: Stack) -> None:
    for token in (b"\xff", b"\xed\xa0\x80", b"x" * 5000):
        line = (b"Authorization: Bearer " + token).decode("utf-8", "surrogateescape")
        status, _ = await stack.raw("GET /v1/mfa/factors HTTP/1.1", "Host: g", line)
        assert status in {400, 401}, token

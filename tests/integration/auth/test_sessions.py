"""Sessions, introspection and revocation over HTTP, on real stores."""

from typing import Any

import pytest

from tests.fakes.auth_ids import new_id
from tests.fakes.auth_service import PUBLIC_URL, SERVICE, Auth, basic, bearer

INACTIVE = {"active": False}


async def listed(auth: Auth, tokens: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))
    assert answer.status == 200, await answer.text()
    sessions: list[dict[str, Any]] = (await answer.json())["sessions"]
    return sessions


async def is_open(auth: Auth, tokens: dict[str, Any]) -> bool:
    answer = await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))
    return answer.status == 200


async def three_sessions(auth: Auth) -> list[dict[str, Any]]:
    person = await auth.register()
    return [await auth.exchange(await auth.sign_in(person.email)) for _ in range(3)]


async def test_a_person_sees_where_they_are_signed_in(auth: Auth) -> None:
    person = await auth.register()
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\u00ff", "X-Forwarded-For": "2001:db8::7"}
    answer = await auth.ask_token(auth.exchange_form(person), headers=headers)
    sessions = await listed(auth, await answer.json())
    assert len(sessions) == 1
    shown = sessions[0]
    assert (shown["device"], shown["place"], shown["current"]) == ("Firefox on Linux", "2001:db8::/48", True)
    assert set(shown) == {
        "id", "current", "client_id", "amr", "authenticated_at", "opened_at", "last_used_at", "expires_at", "device", "place",
    }  # fmt: skip
    assert shown["opened_at"] == "2026-01-02T03:04:05Z"


async def test_signing_out_ends_this_session_and_no_other(auth: Auth) -> None:
    here, there, _ = await three_sessions(auth)
    answer = await auth.http.delete("/v1/sessions/current", headers=bearer(here["access_token"]))
    assert answer.status == 204
    assert not await is_open(auth, here)
    assert await is_open(auth, there)
    assert (await auth.refresh(here["refresh_token"])).status == 400


async def test_one_of_one_s_sessions_is_ended_by_its_id(auth: Auth) -> None:
    here, there, _ = await three_sessions(auth)
    sid = next(session["id"] for session in await listed(auth, there) if session["current"])
    assert (await auth.http.delete(f"/v1/sessions/{sid}", headers=bearer(here["access_token"]))).status == 204
    assert not await is_open(auth, there)
    assert (await auth.http.delete(f"/v1/sessions/{sid}", headers=bearer(here["access_token"]))).status == 404


async def test_signing_out_everywhere_else(auth: Auth) -> None:
    here, there, elsewhere = await three_sessions(auth)
    answer = await auth.http.delete("/v1/sessions?scope=others", headers=bearer(here["access_token"]))
    assert answer.status == 204
    assert [await is_open(auth, tokens) for tokens in (here, there, elsewhere)] == [True, False, False]


async def test_signing_out_everywhere(auth: Auth) -> None:
    sessions = await three_sessions(auth)
    answer = await auth.http.delete("/v1/sessions?scope=global", headers=bearer(sessions[0]["access_token"]))
    assert answer.status == 204
    assert [await is_open(auth, tokens) for tokens in sessions] == [False] * 3


@pytest.mark.parametrize("query", ["", "?scope=", "?scope=all", "?scope=others&scope=global", "?SCOPE=global"])
async def test_what_to_end_has_to_be_said(auth: Auth, query: str) -> None:
    tokens = await auth.session()
    answer = await auth.http.delete(f"/v1/sessions{query}", headers=bearer(tokens["access_token"]))
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")
    assert await is_open(auth, tokens)


@pytest.mark.parametrize("sid", ["nonsense", "%00", "a" * 300, "%F0%9F%94%91", "{%22a%22:1}"])
async def test_an_id_that_cannot_be_one_is_of_no_session(auth: Auth, sid: str) -> None:
    tokens = await auth.session()
    answer = await auth.http.delete(f"/v1/sessions/{sid}", headers=bearer(tokens["access_token"]))
    assert answer.status == 404


async def test_a_stranger_s_session_looks_like_none(auth: Auth) -> None:
    mine, theirs = await auth.session(), await auth.session()
    sid = (await listed(auth, theirs))[0]["id"]
    answers = [
        await auth.http.delete(f"/v1/sessions/{of}", headers=bearer(mine["access_token"])) for of in (sid, new_id())
    ]
    assert [answer.status for answer in answers] == [404, 404]
    assert await answers[0].json() == await answers[1].json()
    assert await is_open(auth, theirs)


async def test_without_a_token_the_challenge_names_the_scheme(auth: Auth) -> None:
    answer = await auth.http.get("/v1/sessions")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    answer = await auth.http.get("/v1/sessions", headers=bearer("nonsense"))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert (await answer.json())["error"] == "invalid_token"


async def test_a_service_learns_what_an_access_token_is_worth(auth: Auth) -> None:
    person = await auth.register()
    tokens = await auth.exchange(person)
    said = await auth.introspect(tokens["access_token"])
    assert said["active"] is True
    assert (said["sub"], said["acr"], said["iss"], said["aud"]) == (person.user_id, "aal2", PUBLIC_URL, "countersign")
    assert (said["token_type"], said["scope"], said["client_id"]) == ("Bearer", "session", "countersign-gateway")
    assert said["exp"] == int(auth.clock().timestamp()) + 300


async def test_a_service_learns_what_a_refresh_token_is_worth(auth: Auth) -> None:
    first = await auth.session()
    said = await auth.introspect(first["refresh_token"])
    assert said["active"] is True
    assert said["exp"] == int(auth.clock().timestamp()) + 3600
    second = await (await auth.refresh(first["refresh_token"])).json()
    assert await auth.introspect(first["refresh_token"]) == INACTIVE
    assert (await auth.introspect(second["refresh_token"]))["active"] is True
    auth.clock.advance(hours=1)
    assert await auth.introspect(second["refresh_token"]) == INACTIVE


async def test_nothing_is_said_of_tokens_that_are_worth_nothing(auth: Auth) -> None:
    person = await auth.register()
    tokens = await auth.exchange(person)
    await auth.http.delete("/v1/sessions/current", headers=bearer(tokens["access_token"]))
    receipt = auth.twofactor.receipt(person)
    for token in (
        tokens["access_token"],
        tokens["refresh_token"],
        person.mfa_token,
        receipt,
        "nonsense",
        "a.b.c",
        "csr_" + "A" * 91,
    ):
        assert await auth.introspect(token) == INACTIVE


async def test_an_expired_access_token_is_worth_nothing(auth: Auth) -> None:
    tokens = await auth.session()
    auth.clock.advance(minutes=5)
    assert await auth.introspect(tokens["access_token"]) == INACTIVE


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoking_either_token_ends_the_session(auth: Auth, which: str) -> None:
    tokens = await auth.session()
    answer = await auth.http.post("/oauth2/revoke", data={"token": tokens[which], "token_type_hint": "whatever"})
    assert (answer.status, await answer.read()) == (200, b"")
    assert await auth.introspect(tokens["access_token"]) == INACTIVE
    assert (await auth.refresh(tokens["refresh_token"])).status == 400


async def test_revoking_an_older_refresh_token_ends_the_session_too(auth: Auth) -> None:
    first = await auth.session()
    second = await (await auth.refresh(first["refresh_token"])).json()
    await auth.http.post("/oauth2/revoke", data={"token": first["refresh_token"]})
    assert (await auth.refresh(second["refresh_token"])).status == 400


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "csr_" + "A" * 91, "\x00", "x" * 20000])
async def test_revoking_what_nobody_knows_is_no_error(auth: Auth, token: str) -> None:
    assert (await auth.http.post("/oauth2/revoke", data={"token": token})).status == 200


async def test_revoking_nothing_is_an_error(auth: Auth) -> None:
    answer = await auth.http.post("/oauth2/revoke", data={"other": "x"})
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"headers": basic(SERVICE[0], "wrong")},
        {"headers": basic("strangers", SERVICE[1])},
        {"headers": {"Authorization": "Basic !!!"}},
        {"form": {"client_id": SERVICE[0]}},
        {"form": {"client_id": SERVICE[0], "client_secret": "wrong"}},
        {"form": {"client_id": "countersign-gateway"}},
    ],
)
async def test_introspection_is_for_services_that_prove_who_they_are(auth: Auth, options: dict[str, Any]) -> None:
    tokens = await auth.session()
    form = {"token": tokens["access_token"], **options.pop("form", {})}
    answer = await auth.http.post("/oauth2/introspect", data=form, **options)
    assert (answer.status, await answer.json()) == (
        401, {"error": "invalid_client", "error_description": "Client authentication failed."},
    )  # fmt: skip
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


async def test_a_service_may_say_its_secret_in_the_form_and_not_in_both_places(auth: Auth) -> None:
    tokens = await auth.session()
    form = {"token": tokens["access_token"], "client_id": SERVICE[0], "client_secret": SERVICE[1]}
    assert (await (await auth.http.post("/oauth2/introspect", data=form)).json())["active"] is True
    answer = await auth.http.post("/oauth2/introspect", data=form, headers=basic(*SERVICE))
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")

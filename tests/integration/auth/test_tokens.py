"""The token endpoint over HTTP, on real stores."""

import asyncio

import jwt

from chassis.audit.recorder import Recorder
from services.auth.flows.set_groups import SetGroups
from services.auth.store.event_log import EventLog
from services.auth.store.users import PostgresUsers
from tests.fakes.auth_clients import let_in
from tests.fakes.auth_service import PUBLIC_URL, PUSH, SERVICE, Auth, basic


async def test_an_exchange_answers_as_rfc_8693_says(auth: Auth) -> None:
    person = await auth.register()
    answer = await auth.ask_token(auth.exchange_form(person))
    body = await answer.json()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    standard = {"access_token", "issued_token_type", "token_type", "expires_in", "scope", "refresh_token"}
    assert set(body) == {*standard, "device_token"}
    assert body["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 300, "session")
    assert body["refresh_token"].startswith("csr_")


async def test_the_access_token_says_who_and_how(auth: Auth) -> None:
    person = await auth.register()
    tokens = await auth.exchange(person)
    keys = await (await auth.http.get("/.well-known/jwks.json")).json()
    header = jwt.get_unverified_header(tokens["access_token"])
    key = next(key for key in keys["keys"] if key["kid"] == header["kid"])
    claims = jwt.decode(
        tokens["access_token"],
        jwt.PyJWK(key),
        algorithms=["ES256"],
        audience="countersign",
        issuer=PUBLIC_URL,
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert header["typ"] == "at+jwt"
    assert (claims["sub"], claims["acr"], claims["amr"]) == (person.user_id, "aal2", list(PUSH))
    assert claims["client_id"] == "countersign-gateway"
    assert claims["exp"] - claims["iat"] == 300


async def test_only_the_public_half_of_a_key_is_published(auth: Auth) -> None:
    keys = await (await auth.http.get("/.well-known/jwks.json")).json()
    assert [set(key) for key in keys["keys"]] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}] * len(keys["keys"])


async def test_a_refresh_answers_a_new_pair(auth: Auth) -> None:
    first = await auth.session()
    answer = await auth.refresh(first["refresh_token"])
    second = await answer.json()
    assert answer.status == 200
    assert set(second) == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]


async def test_a_hundred_refreshes_of_one_token_at_once_leave_exactly_one_live_child(auth: Auth) -> None:
    first = await auth.session()
    parent = first["refresh_token"]
    answers = await asyncio.gather(*(auth.refresh(parent) for _ in range(100)))
    assert [answer.status for answer in answers] == [200] * 100
    children = {(await answer.json())["refresh_token"] for answer in answers}
    assert len(children) == 1
    child = children.pop()
    live = [token for token in (parent, child) if (await auth.introspect(token))["active"]]
    assert live == [child]
    sid = (await auth.introspect(child))["sid"]
    assert await auth.database.fetchval("SELECT generation FROM refresh_families WHERE session_id = $1", sid) == 1
    assert (await auth.refresh(child)).status == 200


async def test_groups_that_an_operator_gives_stand_in_the_next_token_and_in_every_introspection(auth: Auth) -> None:
    person = await auth.register()
    tokens = await auth.exchange(person)
    before = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert "groups" not in before
    assert await SetGroups(PostgresUsers(auth.database), EventLog(Recorder(auth.database, auth.clock)))(
        person.user_id, ["ops", "audit"]
    )
    assert (await auth.introspect(tokens["access_token"]))["groups"] == ["audit", "ops"]
    after = await (await auth.refresh(tokens["refresh_token"])).json()
    claims = jwt.decode(after["access_token"], options={"verify_signature": False})
    assert claims["groups"] == ["audit", "ops"]
    again = await auth.exchange(await auth.sign_in(person.email))
    assert jwt.decode(again["access_token"], options={"verify_signature": False})["groups"] == ["audit", "ops"]


async def test_a_refresh_token_is_not_in_the_store(auth: Auth) -> None:
    tokens = await auth.session()
    rows = await auth.database.fetch("SELECT * FROM refresh_families")
    assert all(tokens["refresh_token"] not in str(dict(row)) for row in rows)
    session = jwt.decode(tokens["access_token"], options={"verify_signature": False})["sid"]
    assert [len(row["digest"]) for row in rows if str(row["session_id"]) == session] == [32]


async def test_a_service_asks_for_tokens_in_its_own_name(auth: Auth) -> None:
    person = await auth.register()
    tokens = await auth.exchange(person, client_id=SERVICE[0], client_secret=SERVICE[1])
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["client_id"] == SERVICE[0]
    refused = await auth.refresh(tokens["refresh_token"])
    assert (refused.status, (await refused.json())["error"]) == (400, "invalid_grant")
    assert (await auth.refresh(tokens["refresh_token"], client_id=SERVICE[0], client_secret=SERVICE[1])).status == 200


async def test_an_unknown_parameter_is_ignored_as_rfc_6749_says(auth: Auth) -> None:
    person = await auth.register()
    assert await auth.exchange(person, favourite_colour="green")


async def test_what_the_metadata_says_is_true(auth: Auth) -> None:
    document = await (await auth.http.get("/.well-known/oauth-authorization-server")).json()
    assert document["issuer"] == PUBLIC_URL
    served = {resource.canonical for resource in auth.app.router.resources()}
    addresses = [value for value in document.values() if isinstance(value, str) and value != PUBLIC_URL]
    assert len(addresses) == 4
    assert all(address.removeprefix(PUBLIC_URL) in served for address in addresses)
    for grant in ("password", "authorization_code", "client_credentials", *document["grant_types_supported"]):
        answer = await auth.ask_token({"grant_type": grant})
        offered = (await answer.json())["error"] != "unsupported_grant_type"
        assert offered == (grant in document["grant_types_supported"])
    assert "none" not in document["introspection_endpoint_auth_methods_supported"]


async def test_the_ways_of_proof_in_the_metadata_are_the_ways_that_work(auth: Auth) -> None:
    document = await (await auth.http.get("/.well-known/oauth-authorization-server")).json()
    service = await let_in(auth)
    forms: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "client_secret_basic": ({}, basic(service.id, service.secret)),
        "client_secret_post": ({"client_id": service.id, "client_secret": service.secret}, {}),
        "private_key_jwt": ({}, {}),
    }
    for endpoint in ("token", "introspection", "revocation"):
        offered = set(document[f"{endpoint}_endpoint_auth_methods_supported"])
        assert offered - {"none"} == set(forms)
        assert service.algorithm in document[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        path = document[f"{endpoint}_endpoint"].removeprefix(PUBLIC_URL)
        for way in offered - {"none"}:
            form, headers = forms[way]
            proof = service.form(service.assertion(auth)) if way == "private_key_jwt" else form
            asked = {"grant_type": "client_credentials", "token": "x", **proof}
            answer = await auth.http.post(path, data=asked, headers=headers)
            assert answer.status == 200, (endpoint, way, await answer.text())

"""Every kind of token where tokens are not bearer tokens: in OAuth's forms, as a client's proof, in the cookie, in the address."""

import asyncpg
import pytest

from gateway.model.visit import COOKIE_NAME
from tests.contract.described import process
from tests.fakes.auth_clients import ASSERTION_TYPE
from tests.fakes.auth_service import SERVICE, basic
from tests.fakes.three_services import EXCHANGE, House, Json
from tests.security.tokens.asking import ask
from tests.security.tokens.kinds import KINDS, Collection
from tests.security.tokens.standing import standing
from tests.security.tokens.table import ACTIVE, OF_THE_POLICY, REVOCABLE, TAKES

pytestmark = pytest.mark.asyncio(loop_scope="module")
Owners = dict[str, asyncpg.Connection]
FRONTS = pytest.mark.parametrize("where", ["auth", "gateway"])
REFRESH = {"grant_type": "refresh_token"}
NO_GRANT, NO_CLIENT = (400, "invalid_grant"), (401, "invalid_client")


async def token(house: House, where: str, form: dict[str, str], **more: str) -> tuple[int, str]:
    status, said = await house.ask(where, "POST", "/oauth2/token", data={**form, **more})
    return status, str(said.get("error"))


async def test_no_other_token_is_a_login_or_an_approval(collection: Collection, house: House, owners: Owners) -> None:
    before = await standing(house, owners)
    good = {**EXCHANGE, "subject_token": collection.confirmed, "receipt": collection.tokens["receipt"]}
    for kind, text in collection.tokens.items():
        # The person's other login included: an approval is of one login.
        assert await token(house, "auth", good, subject_token=text) == NO_GRANT, kind
        assert kind == "receipt" or await token(house, "auth", good, receipt=text) == NO_GRANT, kind
        at_the_gateway = (400, "authorization_pending") if kind == "partial" else NO_GRANT
        assert await token(house, "gateway", EXCHANGE, subject_token=text) == at_the_gateway, kind
        assert await token(house, "gateway", good, receipt=text) == (400, "invalid_request"), kind
    assert await standing(house, owners) == before
    assert (await token(house, "auth", good))[0] == 200


@FRONTS
async def test_no_other_token_is_refreshed(where: str, collection: Collection, house: House, owners: Owners) -> None:
    before = await standing(house, owners)
    for kind in set(KINDS) - {"refresh"}:
        assert await token(house, where, REFRESH, refresh_token=collection.tokens[kind]) == NO_GRANT, kind
    assert await standing(house, owners) == before


@FRONTS
@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/introspect"])
async def test_no_other_token_is_a_clients_proof(
    where: str, path: str, collection: Collection, house: House, owners: Owners
) -> None:
    before, id_ = await standing(house, owners), collection.service.id
    form = {"grant_type": "client_credentials", "token": "x"}
    for kind, text in collection.tokens.items():
        signed = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}
        proofs = {
            "client secret": [({}, {"client_id": id_, "client_secret": text}), (basic(id_, text), {})],
            "client assertion": [({}, signed), ({}, {"client_id": id_, **signed})],
        }
        for good, ways in proofs.items():
            for headers, more in ways if kind != good else ():
                status, said = await house.ask(where, "POST", path, data={**form, **more}, headers=headers)
                assert (status, said.get("error")) == NO_CLIENT, (kind, more)
    assert await standing(house, owners) == before


@FRONTS
async def test_introspection_calls_active_what_opens_something(
    where: str, collection: Collection, house: House
) -> None:
    for kind, text in collection.tokens.items():
        said = await house.done(where, "POST", "/oauth2/introspect", data={"token": text}, headers=basic(*SERVICE))
        assert said["active"] == (kind in ACTIVE), kind
        assert said["active"] or said == {"active": False}


@FRONTS
async def test_revoking_another_token_ends_nothing(
    where: str, collection: Collection, house: House, owners: Owners
) -> None:
    before = await standing(house, owners)
    for kind in set(KINDS) - REVOCABLE:
        status, _ = await house.ask(where, "POST", "/oauth2/revoke", data={"token": collection.tokens[kind]})
        assert status == (400 if kind == "service" else 200), kind
    assert await standing(house, owners) == before


def pages() -> list[str]:
    """What people see, by route."""
    routes = process("gateway").routes
    shown = {f"{each.method} {each.resource.canonical}" for each in routes if each.resource and each.method == "GET"}
    return sorted(each for each in shown if "{" not in each and each not in TAKES["gateway"])


@pytest.mark.parametrize("endpoint", [*TAKES["gateway"], *pages()])
async def test_no_token_is_a_browsers_cookie_and_the_cookie_opens_no_api(
    endpoint: str, collection: Collection, house: House, owners: Owners
) -> None:
    before, nobody = await standing(house, owners), await ask(collection, "gateway", endpoint, {})
    opens = endpoint in OF_THE_POLICY or endpoint not in TAKES["gateway"]
    for kind in set(KINDS) - ({"browser cookie"} if opens else set()):
        cookie = {"Cookie": f"{COOKIE_NAME}={collection.tokens[kind]}"}
        assert without_ids(await ask(collection, "gateway", endpoint, cookie)) == without_ids(nobody), kind
    assert await standing(house, owners) == before
    if endpoint in OF_THE_POLICY:
        cookie = {"Cookie": f"{COOKIE_NAME}={collection.tokens['browser cookie']}"}
        assert (await ask(collection, "gateway", endpoint, cookie))[0] in {200, 204}


@pytest.mark.parametrize("name", ["access_token", "token", "mfa_token"])
async def test_no_token_is_read_from_an_address(name: str, collection: Collection, house: House) -> None:
    """RFC 6750 sections 2.2 and 2.3 are not offered: addresses end up in logs."""
    for where, path in (("auth", "/v1/sessions"), ("gateway", "/v1/sessions"), ("gateway", "/v1/mfa/factors")):
        for kind in ("access", "partial"):
            params = {name: collection.tokens[kind]}
            assert (await house.ask(where, "GET", path, params=params))[0] == 401
            assert (await house.ask(where, "DELETE", path, params={"scope": "global"}, data=params))[0] in {401, 405}


def without_ids(answer: tuple[int, Json]) -> tuple[int, Json]:
    status, said = answer
    return status, {name: value for name, value in said.items() if name != "request_id"}

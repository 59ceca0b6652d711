"""A service in its own name: with a secret or with a key, and where it is let in."""

import asyncio
import json
import secrets
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from countersign import FeedOfEnded, Revocations, Trust
from countersign.client import ClientSecret, Countersign, NotAuthenticated, PrivateKeyJwt
from countersign.testing import bearer
from examples import aiohttp_service
from tests.fakes.operating import countersign
from tests.integration.sdk.conftest import Person
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]


def registered(stack: Stack, *arguments: str) -> dict[str, str]:
    """A new client, as an operator makes one."""
    name = f"sdk-{secrets.token_hex(4)}"
    words = ["clients", "create", name, "--json", *arguments]
    return dict(countersign(*words, of="auth", settings=stack.environments["auth"]).document())


@pytest.fixture
def by_secret(stack: Stack, http: ClientSession) -> Countersign:
    made = registered(stack)
    return Countersign(http, stack.url, client=ClientSecret(made["client_id"], made["client_secret"]))


@pytest.fixture
def by_key(stack: Stack, http: ClientSession, tmp_path: Path) -> Countersign:
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = {**json.loads(ECAlgorithm.to_jwk(private.public_key())), "kid": "k1", "alg": "ES256", "use": "sig"}
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [jwk]}))
    made = registered(stack, "--jwks", str(tmp_path / "jwks.json"))
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return Countersign(http, stack.url, client=PrivateKeyJwt(made["client_id"], pem, "k1"))


@pytest.mark.parametrize("proof", ["by_secret", "by_key"])
async def test_a_service_gets_a_token_of_its_own_and_is_let_in_where_services_are(
    stack: Stack, person: Person, proof: str, request: pytest.FixtureRequest
) -> None:
    api: Countersign = request.getfixturevalue(proof)
    grant = await api.tokens.for_service()
    assert grant.refresh_token is None
    seen = await api.tokens.introspect(grant.access_token)
    assert (seen.active, seen.session, seen.subject == seen.client_id) == (True, None, True)
    theirs = await api.tokens.introspect((await person.signed_in()).access_token)
    assert (theirs.active, theirs.session is not None) == (True, True)
    for services, status, error in ((False, 401, "invalid_token"), (True, 403, "caller_refused")):
        app = aiohttp_service.make_app(Trust(stack.url, services=services))
        async with (
            TestClient(TestServer(app)) as client,
            client.get("/hello", headers=bearer(grant.access_token)) as answer,
        ):
            assert (answer.status, (await answer.json(content_type=None))["error"]) == (status, error)


async def test_a_service_with_a_key_follows_ended_sessions(
    stack: Stack, http: ClientSession, by_key: Countersign
) -> None:
    key, revocations = by_key.tokens.client, Revocations()
    assert isinstance(key, PrivateKeyJwt)
    async with FeedOfEnded(http, stack.url, key, revocations).followed(), asyncio.timeout(10):
        while revocations.is_stale:
            await asyncio.sleep(0.01)


async def test_a_wrong_secret_is_not_believed(stack: Stack, http: ClientSession, by_secret: Countersign) -> None:
    api = Countersign(http, stack.url, client=ClientSecret("nobody", "css_nothing"))
    with pytest.raises(NotAuthenticated):
        await api.tokens.for_service()

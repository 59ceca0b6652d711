"""The keys that sign receipts, looked after from the command line while the service runs."""

import asyncio

import asyncpg
import jwt
import pytest

from chassis.keyring import KeyRing, new_key
from chassis.sealing import Sealer, parse_keys
from tests.fakes.operating import countersign
from tests.fakes.twofactor_service import running_service_fixture  # noqa: F401 a fixture
from tests.fakes.twofactor_world import SETTINGS

NEW_KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="


@pytest.fixture
async def keys(postgres):
    owner = await asyncpg.connect(postgres.owner_url("twofactor"))
    await owner.execute("TRUNCATE signing_keys")
    told = {**SETTINGS, "database_url": postgres.url("twofactor")}
    settings = {f"COUNTERSIGN_{name.upper()}": value for name, value in told.items()}

    async def command(*words, **changes):
        given = {**settings, **{f"COUNTERSIGN_{name}": value for name, value in changes.items()}}
        done = await asyncio.to_thread(countersign, *words, of="twofactor", settings=given)
        return done.status, done.out.splitlines()

    yield command
    await owner.execute("TRUNCATE signing_keys")
    await owner.close()


async def test_a_key_is_made_listed_and_replaced(keys):
    status, first = await keys("keys", "list")
    assert (status, len(first)) == (0, 2)
    status, both = await keys("keys", "rotate")
    assert (status, len(both)) == (0, 3)
    assert "signs from" in both[2]
    assert first[1].split()[0] == both[1].split()[0]


async def test_another_command_is_refused(keys):
    assert (await keys("keys", "delete"))[0] == 2


@pytest.mark.parametrize(("settings", "algorithm"), [({}, "EdDSA"), ({"receipt_algorithm": "ES256"}, "ES256")])
async def test_receipts_are_signed_as_auth_signs_tokens_unless_a_setting_says_otherwise(
    running_service, settings, algorithm
):
    service = await running_service(token_algorithm="EdDSA", **settings)
    token = await service.enrolled()
    await service.press("approve", await service.opened(token))
    receipt = (await (await service.receipt(token)).json())["receipt"]
    assert jwt.get_unverified_header(receipt)["alg"] == algorithm


async def test_a_token_in_another_algorithm_than_auth_s_is_refused_though_auth_published_the_key(running_service):
    service = await running_service()
    service.auth.ring = KeyRing(service.clock, [new_key("auth-2", service.clock(), "EdDSA")], "EdDSA")
    assert (await service.ask("GET", "/v1/mfa/factors", service.partial())).status == 401


async def test_what_people_left_here_is_sealed_anew_with_the_keys_and_the_old_sealing_key_may_go(
    running_service, keys, postgres
):
    service = await running_service()
    await service.enrolled()
    _, app = await service.enrolled_app()
    old = SETTINGS["key_encryption_key"]
    status, _ = await keys("keys", "reseal", KEY_ENCRYPTION_KEY=f"{NEW_KEY} {old}")
    assert status == 0
    connection = await asyncpg.connect(postgres.url("twofactor"))
    rows = await connection.fetch("SELECT id, email_sealed FROM factors")
    secrets = await connection.fetch("SELECT factor_id, secret_sealed FROM totp_secrets")
    await connection.close()
    assert rows
    new = Sealer(parse_keys(NEW_KEY))
    assert {new.open(row["email_sealed"], f"factors.email_sealed.{row['id']}") for row in rows} == {b"eve@example.com"}
    (secret,) = secrets
    assert new.open(secret["secret_sealed"], f"totp_secrets.secret_sealed.{secret['factor_id']}") == app.secret
    assert (await keys("keys", "reseal"))[0] == 1, "the old key opens nothing any more"


async def test_the_private_key_is_sealed_and_the_published_one_verifies(running_service, postgres):
    service = await running_service()
    token = await service.enrolled()
    await service.press("approve", await service.opened(token))
    receipt = (await (await service.receipt(token)).json())["receipt"]
    published = await (await service.ask("GET", "/.well-known/jwks.json")).json()
    assert all("d" not in key for key in published["keys"])
    kid = jwt.get_unverified_header(receipt)["kid"]
    assert kid in {key["kid"] for key in published["keys"]}
    connection = await asyncpg.connect(postgres.url("twofactor"))
    rows = await connection.fetch("SELECT private_sealed FROM signing_keys")
    await connection.close()
    assert rows
    assert not any(b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07" in row["private_sealed"] for row in rows)

"""The keys that sign receipts, looked after from the command line while the service runs."""

import asyncio
import os
import sys

import asyncpg
import jwt
import pytest

from tests.fakes.twofactor_service import running_service_fixture  # noqa: F401 a fixture
from tests.fakes.twofactor_world import SETTINGS


@pytest.fixture
async def keys(postgres):
    owner = await asyncpg.connect(postgres.owner_url("twofactor"))
    await owner.execute("TRUNCATE signing_keys")
    environment = {**os.environ, "PYTHONPATH": "libs"}
    for name, value in {**SETTINGS, "database_url": postgres.url("twofactor")}.items():
        environment[f"COUNTERSIGN_{name.upper()}"] = value

    async def command(*arguments):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.twofactor", *arguments, env=environment, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode().splitlines()

    yield command
    await owner.execute("TRUNCATE signing_keys")
    await owner.close()


async def test_a_key_is_made_listed_and_replaced(keys):
    status, first = await keys("keys", "list")
    assert (status, len(first)) == (0, 1)
    status, both = await keys("keys", "rotate")
    assert (status, len(both)) == (0, 2)
    assert "signs from" in both[1]
    assert first[0].split()[0] == both[0].split()[0]
    assert "replaced" not in both[0]


async def test_another_command_is_refused(keys):
    assert (await keys("keys", "delete"))[0] == 2


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

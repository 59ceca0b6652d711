"""An operator reads and checks the record of a running system, and takes a copy of it and of its keys away."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientSession

from chassis.audit.checking import check_export, read_jwks
from cli.installation import COMMANDS_OF
from countersign.errors import InvalidToken
from services.twofactor.crypto.kept_receipts import KeptReceipts
from tests.security.system.attacker import Victim, claims_of
from tools.devstack.engines import ROOT
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]


Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def command(stack: Stack) -> Command:
    """`countersign ...` as an operator types it in the container of a service; answers status and stdout."""

    async def typed(service: str, *words: str) -> tuple[int, str]:
        environment = {**os.environ, **stack.environments[service], COMMANDS_OF: service}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", *words, env=environment, cwd=ROOT, stdout=PIPE, stderr=DEVNULL
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    return typed


async def test_a_login_is_on_record_step_by_step_and_can_be_checked_elsewhere(
    stack: Stack, command: Command, tmp_path: Path
) -> None:
    async with ClientSession() as http:
        victim = await Victim.of(stack, http)
        partial = await victim.approved()
        twofactor = stack.ports.url(stack.ports.twofactor)
        receipt = (await victim.ask("POST", "/v1/mfa/receipts", partial, base=twofactor))[1]["receipt"]
        assert (await victim.exchange(partial))[0] == 200
        await victim.ask("POST", "/v1/login", json={"email": victim.email, "password": "not this one at all"})
    user = claims_of(partial)["sub"]
    await _sealed(stack, "auth", user, {"registered", "login_accepted", "session_opened", "login_refused"})
    challenge = await _sealed(
        stack, "twofactor", user, {"factor_enrolled", "challenge_opened", "challenge_approved", "receipt_issued"}
    )
    copy, keys = tmp_path / "audit.jsonl", tmp_path / "keys.json"
    answers = await asyncio.gather(
        command("auth", "audit", "search", "--user", user, "--json"),
        command("auth", "audit", "verify", "--json"),
        command("twofactor", "audit", "export", "-o", str(copy)),
        command("twofactor", "receipts", "keys"),
        command("twofactor", "receipts", "verify", "--id", challenge, "--json"),
    )
    assert [status for status, _ in answers] == [0] * 5, answers
    (_, found), (_, verified), _, (_, jwks), (_, good) = answers
    assert not json.loads(verified)["faults"]
    assert json.loads(good)["good"]
    rows = {row["what"]: row for row in map(json.loads, found.splitlines())}
    refused, opened = rows["login_refused"], rows["session_opened"]
    assert (refused["outcome"], refused["reason"], refused["address"]) == ("refused", "wrong_password", "127.0.0.1")
    assert opened["request_id"] and opened["browser"] and victim.email not in found
    keys.write_text(jwks)
    await _elsewhere(copy, keys, receipt, stack.url)


async def _elsewhere(copy: Path, keys: Path, receipt: str, public_url: str) -> None:
    """Nothing but files: the copy says so when a letter of it is changed, and so does the receipt."""
    assert check_export(copy, keys, [])["whole"]
    copy.write_text(copy.read_text().replace('"what":"receipt_issued"', '"what":"receipt_refused"', 1))
    assert "was changed" in check_export(copy, keys, [])["faults"][0]["says"]
    kept = KeptReceipts(read_jwks(keys), f"{public_url}/approvals", public_url)
    assert (await kept.read(receipt)).amr[-1] == "mfa"
    head, payload, signature = receipt.split(".")
    with pytest.raises(InvalidToken):
        await kept.read(f"{head}.{payload}.{signature[::-1]}")


async def _sealed(stack: Stack, service: str, user: str, whats: set[str]) -> str:
    """Waits until this is in the chain; answers the challenge, if there is one."""
    connection = await asyncpg.connect(stack.environments[service]["COUNTERSIGN_DATABASE_URL"])
    try:
        for _ in range(100):
            rows = await connection.fetch("SELECT what, facts FROM audit_events WHERE user_id = $1", user)
            if whats <= {row["what"] for row in rows}:
                return next(
                    (json.loads(row["facts"])["challenge"] for row in rows if row["what"] == "receipt_issued"), ""
                )
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    raise AssertionError({row["what"] for row in rows})

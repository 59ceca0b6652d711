"""Signing keys: made once, sealed, published, replaced without a pause."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import jwt
import pytest

from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.postgres import POOL
from chassis.sealing import Sealer, Unsealable, parse_keys
from services.auth.api.discovery import KEY_RING
from services.auth.app import new_id, sealer_of
from tests.fakes.auth_service import KEY, PUBLIC_URL, Auth, bearer, serve_auth, settings_for
from tests.fakes.clock import FakeClock


def kid(token: str) -> str:
    named: str = jwt.get_unverified_header(token)["kid"]
    return named


async def published(auth: Auth) -> set[str]:
    keys = await (await auth.http.get("/.well-known/jwks.json")).json()
    return {key["kid"] for key in keys["keys"]}


def store_of(auth: Auth, postgres: Any, valkey_url: str) -> KeyStore:
    sealer = sealer_of(settings_for(postgres, valkey_url))
    return KeyStore(auth.app[POOL], sealer, auth.app[KEY_RING], new_id)


async def test_processes_that_start_together_make_one_key(postgres: Any) -> None:
    pool = await asyncpg.create_pool(postgres.url("auth"), min_size=4, max_size=8)
    stores = [KeyStore(pool, Sealer(parse_keys(KEY)), KeyRing(FakeClock()), new_id) for _ in range(8)]
    await asyncio.gather(*(store.refresh() for store in stores))
    assert len({key.kid for store in stores for key in store.ring.keys}) == 1
    await pool.close()


async def test_a_key_is_sealed_at_rest_and_opens_in_its_own_row_only(auth: Auth) -> None:
    row = await auth.database.fetchrow("SELECT kid, private_sealed FROM signing_keys")
    private = auth.app[KEY_RING].keys[0].private_bytes()
    assert private not in row["private_sealed"]
    sealer = Sealer(parse_keys(KEY))
    assert sealer.open(row["private_sealed"], f"signing_keys.private_sealed.{row['kid']}") == private
    with pytest.raises(Unsealable):
        sealer.open(row["private_sealed"], "signing_keys.private_sealed.another")


async def test_a_restart_keeps_the_key_and_the_sessions(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    before = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    tokens = await before.session()
    await before.http.close()
    after = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    assert (await after.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).status == 200
    assert (await after.refresh(tokens["refresh_token"])).status == 200


async def test_a_rotation_signs_nobody_out(auth: Auth, postgres: Any, valkey_url: str) -> None:
    person = await auth.register()
    old = kid(person.mfa_token)
    tokens = await auth.exchange(person)
    new = (await store_of(auth, postgres, valkey_url).rotate(token_life=timedelta(minutes=5))).kid

    # Published at once, signs later: every verifier has seen it by then.
    assert await published(auth) == {old, new}
    assert kid((await auth.register()).mfa_token) == old
    auth.clock.advance(minutes=2)
    late = await auth.register()
    assert kid(late.mfa_token) == new

    # What the old key signed is good for its whole life.
    assert (await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).status == 200
    assert await auth.exchange(late)
    auth.clock.advance(minutes=7, seconds=1)
    await store_of(auth, postgres, valkey_url).refresh()
    assert await published(auth) == {new}
    assert (await auth.refresh(tokens["refresh_token"])).status == 200


def environment_of(postgres: Any, valkey_url: str, **changes: str) -> dict[str, str]:
    values = {
        "PUBLIC_URL": PUBLIC_URL,
        "DATABASE_URL": postgres.url("auth"),
        "REDIS_URL": valkey_url,
        "TWOFACTOR_URL": "http://127.0.0.1:9",
        "KEY_ENCRYPTION_KEY": KEY,
        **changes,
    }
    named = {f"COUNTERSIGN_{name}": value for name, value in values.items() if value}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([".", "libs"]), **named}


def run(postgres: Any, valkey_url: str, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.auth", *arguments]
    environment = environment_of(postgres, valkey_url, **changes)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_an_operator_lists_and_rotates_keys(postgres: Any, valkey_url: str) -> None:
    first = run(postgres, valkey_url, "keys", "list")
    assert first.returncode == 0, first.stderr
    assert re.fullmatch(r"\S+  signs now\n", first.stdout)
    rotated = run(postgres, valkey_url, "keys", "rotate")
    assert re.fullmatch(r"\S+  signs now, published until \S+Z\n\S+  signs from \S+Z\n", rotated.stdout), rotated.stderr
    assert run(postgres, valkey_url, "keys", "list").stdout == rotated.stdout


def test_wrong_settings_are_all_said_at_once_and_no_secret_with_them(postgres: Any, valkey_url: str) -> None:
    secret = "c2hvcnQ="
    refused = run(postgres, valkey_url, KEY_ENCRYPTION_KEY=secret, SERVICE_CLIENTS="reports:short", PUBLIC_URL="")
    assert refused.returncode == 2
    for name in ("KEY_ENCRYPTION_KEY", "SERVICE_CLIENTS", "PUBLIC_URL"):
        assert f"COUNTERSIGN_{name}: " in refused.stderr
    assert secret not in refused.stderr
    assert "reports:short" not in refused.stderr


async def test_the_service_answers_when_its_keys_were_sealed_with_the_key_before(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    before = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    tokens = await before.session()
    new = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    after = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, key_encryption_key=f"{new} {KEY}")
    assert after.app[POOL] is not before.app[POOL]
    assert (await after.refresh(tokens["refresh_token"])).status == 200


def test_the_process_serves_and_goes_in_peace(postgres: Any, valkey_url: str, free_port: Callable[[], int]) -> None:
    port = free_port()
    environment = environment_of(postgres, valkey_url, PORT=str(port), LOG_FORMAT="json")
    with subprocess.Popen([sys.executable, "-m", "services.auth"], env=environment, stderr=subprocess.PIPE) as process:
        try:
            document = read_when_served(f"http://127.0.0.1:{port}/.well-known/oauth-authorization-server")
            assert document["issuer"] == PUBLIC_URL
            assert read_when_served(f"http://127.0.0.1:{port}/readyz")["checks"] == {"postgres": "ok", "valkey": "ok"}
        finally:
            process.terminate()
        assert process.wait(20) == 0


def read_when_served(url: str) -> dict[str, Any]:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                document: dict[str, Any] = json.load(answer)
                return document
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"{url} is not served")

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

from chassis.check_stores import check_signing_keys
from chassis.key_store import KeyStore, KeyUnknown, OnlySigner
from chassis.keyring import KeyRing, new_key
from chassis.postgres import POOL
from chassis.sealing import Sealer, Unsealable, parse_keys
from services.auth.api.discovery import KEY_RING
from services.auth.app import new_id, sealer_of
from tests.fakes.auth_service import KEY, PUBLIC_URL, Auth, bearer, serve_auth, settings_for
from tests.fakes.clock import FakeClock
from tests.fakes.operating import Done, countersign
from tests.fakes.secret_scan import SECRETS

LIFE = timedelta(minutes=5)
NEW_KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="


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


async def test_a_stolen_key_is_withdrawn_at_once_and_nobody_needs_a_password_for_it(
    auth: Auth, postgres: Any, valkey_url: str
) -> None:
    store = store_of(auth, postgres, valkey_url)
    tokens = await auth.session()
    stolen = kid(tokens["access_token"])
    with pytest.raises(OnlySigner):
        await store.retire(stolen)
    assert await published(auth) == {stolen}
    new = (await store.rotate(token_life=LIFE, lead=timedelta())).kid
    assert kid((await auth.register()).mfa_token) == new
    await store.retire(stolen)
    assert await published(auth) == {new}
    assert (await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).status == 401
    refreshed = await (await auth.refresh(tokens["refresh_token"])).json()
    assert (await auth.http.get("/v1/sessions", headers=bearer(refreshed["access_token"]))).status == 200
    with pytest.raises(KeyUnknown):
        await store.retire(stolen)


async def test_a_successor_that_is_retired_before_its_time_leaves_the_old_key_in_office(
    auth: Auth, postgres: Any, valkey_url: str
) -> None:
    store = store_of(auth, postgres, valkey_url)
    old = kid((await auth.register()).mfa_token)
    new = (await store.rotate(token_life=LIFE)).kid
    await store.retire(new)
    auth.clock.advance(days=1)
    await store.refresh()
    assert await published(auth) == {old}
    assert kid((await auth.register()).mfa_token) == old


async def test_a_key_that_only_waits_is_no_reason_to_retire_the_one_that_signs(
    auth: Auth, postgres: Any, valkey_url: str
) -> None:
    store = store_of(auth, postgres, valkey_url)
    old = kid((await auth.register()).mfa_token)
    await store.rotate(token_life=LIFE)
    with pytest.raises(OnlySigner):
        await store.retire(old)
    auth.clock.advance(minutes=2)
    await store.retire(old)


async def test_the_doctor_looks_at_keys_and_makes_none(auth: Auth, postgres: Any) -> None:
    """Also where the setting names an algorithm that has no key yet."""

    def kept(sealed_with: str) -> Callable[[Any], KeyStore]:
        ring = KeyRing(FakeClock(), algorithm="EdDSA")
        return lambda pool: KeyStore(pool, Sealer(parse_keys(sealed_with)), ring, new_id)

    well = await check_signing_keys(postgres.url("auth"), kept(KEY))
    assert (well.found, well.advice) == ("1 published, all open with KEY_ENCRYPTION_KEY", "")
    ill = await check_signing_keys(postgres.url("auth"), kept(NEW_KEY))
    assert ill.advice == "KEY_ENCRYPTION_KEY is not the one they were sealed with"
    assert await auth.database.fetchval("SELECT count(*) FROM signing_keys") == 1


async def test_of_two_operators_who_retire_the_other_s_key_one_is_refused(
    auth: Auth, postgres: Any, valkey_url: str
) -> None:
    store = store_of(auth, postgres, valkey_url)
    old = kid((await auth.register()).mfa_token)
    new = (await store.rotate(token_life=LIFE, lead=timedelta())).kid
    done = await asyncio.gather(store.retire(old), store.retire(new), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "OnlySigner"]
    assert len(await published(auth)) == 1


async def test_private_keys_are_sealed_anew_and_the_old_sealing_key_may_go(
    auth: Auth, postgres: Any, valkey_url: str
) -> None:
    signer = kid((await auth.register()).mfa_token)
    pool = auth.app[POOL]
    both = KeyStore(pool, Sealer(parse_keys(f"{NEW_KEY} {KEY}")), KeyRing(auth.clock), new_id)
    await both.rotate(token_life=LIFE)
    old, new = Sealer(parse_keys(KEY)), Sealer(parse_keys(NEW_KEY))
    assert await both.reseal() == 2
    rows = await auth.database.fetch("SELECT kid, private_sealed FROM signing_keys")
    for row in rows:
        place = f"signing_keys.private_sealed.{row['kid']}"
        assert new.open(row["private_sealed"], place)
        with pytest.raises(Unsealable):
            old.open(row["private_sealed"], place)
    alone = KeyStore(pool, new, KeyRing(auth.clock), new_id)
    await alone.refresh()
    assert alone.ring.signer().kid == signer
    with pytest.raises(Unsealable):
        await KeyStore(pool, old, KeyRing(auth.clock), new_id).reseal()


async def test_with_the_other_algorithm_set_everything_goes_on_with_it(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    before = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    tokens = await before.session()
    after = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, token_algorithm="EdDSA")
    person = await after.register()
    header = jwt.get_unverified_header(person.mfa_token)
    assert header["alg"] == "EdDSA"
    keys = (await (await after.http.get("/.well-known/jwks.json")).json())["keys"]
    assert {key["kid"]: (key["alg"], key["kty"]) for key in keys}[header["kid"]] == ("EdDSA", "OKP")
    assert all("d" not in key for key in keys)

    # One algorithm is believed: what was signed with the other is refreshed, not believed.
    assert (await after.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).status == 401
    assert await after.introspect(tokens["access_token"]) == {"active": False}
    refreshed = await (await after.refresh(tokens["refresh_token"])).json()
    assert jwt.get_unverified_header(refreshed["access_token"])["alg"] == "EdDSA"
    assert (await after.http.get("/v1/sessions", headers=bearer(refreshed["access_token"]))).status == 200
    assert await after.exchange(person)


async def test_a_receipt_is_believed_in_the_one_algorithm_that_twofactor_was_said_to_sign_with(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    own = {"token_algorithm": "EdDSA", "receipt_algorithm": "ES256"}
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, **own)
    person = await auth.register()
    tokens = await auth.exchange(person)
    assert jwt.get_unverified_header(tokens["access_token"])["alg"] == "EdDSA"

    # twofactor's own key, published by twofactor itself, and yet not the way it was said to sign.
    auth.twofactor.ring = KeyRing(auth.clock, [new_key("twofactor-2", auth.clock(), "EdDSA")], "EdDSA")
    auth.clock.advance(minutes=6)
    refused = await auth.ask_token(auth.exchange_form(await auth.register()))
    assert (refused.status, (await refused.json())["error"]) == (400, "invalid_grant")


async def test_processes_of_both_algorithms_side_by_side_do_not_take_each_other_s_keys(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    """While containers are replaced."""
    old = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    new = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, token_algorithm="EdDSA")
    await store_of(old, postgres, valkey_url).refresh()
    for process, algorithm in ((old, "ES256"), (new, "EdDSA"), (old, "ES256")):
        person = await process.register()
        assert jwt.get_unverified_header(person.mfa_token)["alg"] == algorithm
        assert await process.exchange(person)


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


def run(postgres: Any, valkey_url: str, *words: str, **changes: str) -> Done:
    return countersign(*words, of="auth", settings=environment_of(postgres, valkey_url, **changes))


def test_an_operator_lists_and_rotates_keys(postgres: Any, valkey_url: str) -> None:
    first = run(postgres, valkey_url, "keys", "list")
    assert first.status == 0, first.err
    assert re.fullmatch(r"KEY .*\n\S+  ES256 +signs now +another follows it\s*\n", first.out)
    rotated = run(postgres, valkey_url, "keys", "rotate")
    assert re.fullmatch(r".*\n\S+  ES256 +signs now +\S+Z\s*\n\S+  ES256 +signs from \S+Z .*\n", rotated.out), (
        rotated.err
    )
    assert '"key_rotated"' in rotated.err
    assert run(postgres, valkey_url, "keys", "list").out == rotated.out


def test_an_operator_withdraws_a_key_and_programs_can_read_the_answer(postgres: Any, valkey_url: str) -> None:
    listed = json.loads(run(postgres, valkey_url, "keys", "list", "--json").out)["keys"]
    assert [(key["alg"], key["signs_now"], key["published_until"]) for key in listed] == [("ES256", True, None)]
    old = listed[0]["kid"]
    unasked = run(postgres, valkey_url, "keys", "retire", old)
    assert (unasked.status, "--yes" in unasked.err) == (1, True)
    refused = run(postgres, valkey_url, "keys", "retire", old, "--yes")
    assert refused.status == 1
    assert "rotate --now" in refused.err
    assert run(postgres, valkey_url, "keys", "retire", "no-such-key", "--yes").status == 1
    assert run(postgres, valkey_url, "keys", "rotate", "--now").status == 0
    left = json.loads(run(postgres, valkey_url, "keys", "retire", old, "--yes", "--json").out)["keys"]
    assert len(left) == 1
    assert left[0]["kid"] != old
    both = {"KEY_ENCRYPTION_KEY": f"{NEW_KEY} {KEY}"}
    resealed = run(postgres, valkey_url, "keys", "reseal", **both)
    assert resealed.status == 0, resealed.err
    assert run(postgres, valkey_url, "keys", "list", KEY_ENCRYPTION_KEY=NEW_KEY).out == resealed.out
    unopened = run(postgres, valkey_url, "keys", "reseal")
    assert (unopened.status, "nothing was changed" in unopened.err) == (1, True)


def test_wrong_settings_are_all_said_at_once_and_no_secret_with_them(postgres: Any, valkey_url: str) -> None:
    secret = "c2hvcnQ="
    refused = run(
        postgres, valkey_url, "keys", "list", KEY_ENCRYPTION_KEY=secret, SERVICE_CLIENTS="reports:short", PUBLIC_URL=""
    )
    assert refused.status == 2
    for name in ("KEY_ENCRYPTION_KEY", "SERVICE_CLIENTS", "PUBLIC_URL"):
        assert f"COUNTERSIGN_{name}: " in refused.err
    assert secret not in refused.err
    assert "reports:short" not in refused.err


async def test_the_service_answers_when_its_keys_were_sealed_with_the_key_before(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    before = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    tokens = await before.session()
    keys = f"{NEW_KEY} {KEY}"
    after = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, key_encryption_key=keys)
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
        assert process.stderr is not None
        SECRETS.require_clean({"auth": process.stderr.read().decode()})
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

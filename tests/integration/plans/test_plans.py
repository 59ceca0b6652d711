"""Nothing that a request or a beat asks reads a whole table that grows, nor a whole index of one."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bench.fill_ids import plain_id
from bench.fill_rows import PASSWORD, TOTP_SECRET
from chassis.clock import system_clock
from tests.fakes.auth_service import Auth, Person, bearer, serve_auth
from tests.fakes.clock import FakeClock
from tests.fakes.twofactor_kinds import App
from tests.fakes.twofactor_service import running_services
from tests.integration.plans.explained import faults, generic_plan, logged, same, statements
from tools.devstack.engines import Postgres

# As many as there are keys, services or moments: never as many as people, logins or days.
BOUNDED = {"signing_keys", "verification_keys", "service_clients", "schema_migrations", "audit_chain", "audit_inbox"}
LARGE = 500
TABLES = """
SELECT c.relname AS name, coalesce(p.relname, c.relname) AS of, c.reltuples AS rows
FROM pg_class c LEFT JOIN pg_inherits ON inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = inhparent
WHERE c.relkind = 'r' AND c.relnamespace = $1::regnamespace
"""
PACKAGES = {
    "auth": ("services.auth.store", "chassis.audit", "chassis"),
    "twofactor": ("services.twofactor.store", "chassis.audit", "chassis"),
}


async def large_tables(postgres: Postgres, service: str) -> list[str]:
    """Those with enough rows to be judged; every table that can grow is among them, or has parts that are."""
    connection = await asyncpg.connect(postgres.owner_url(service))
    rows = await connection.fetch(TABLES, service)
    await connection.close()
    large = [row for row in rows if row["rows"] >= LARGE]
    unjudged = {row["of"] for row in rows} - {row["of"] for row in large} - BOUNDED
    assert not unjudged, f"fill these in conftest.py, or say in BOUNDED why they do not grow: {unjudged}"
    return [row["name"] for row in large]


async def people_come_and_go(auth: Auth) -> None:
    """Logins of those who have a history, and everything that a session can do."""
    known = [await auth.login(f"person{number}@example.com", PASSWORD) for number in range(40, 44)]
    logins = [await answer.json() for answer in known]
    people = [Person("", login["mfa_token"], login["user_id"]) for login in logins]
    here, there, other, last = [await auth.exchange(person) for person in people]
    for tokens in (here, there):
        answer = await auth.refresh(tokens["refresh_token"])
        assert answer.status == 200
        assert (await auth.introspect((await answer.json())["access_token"]))["active"]
    auth.clock.advance(seconds=30)
    assert (await auth.refresh(here["refresh_token"])).status == 400
    answer = await auth.http.get("/v1/sessions", headers=bearer(other["access_token"]))
    found = (await answer.json())["sessions"]
    gone = next(session["id"] for session in found if not session["current"])
    for path in (f"/v1/sessions/{gone}", "/v1/sessions?scope=others", "/v1/sessions/current"):
        assert (await auth.http.delete(path, headers=bearer(other["access_token"]))).status == 204, path
    change = {"current_password": PASSWORD, "new_password": "another-lantern-7-boats"}
    answer = await auth.http.post("/v1/users/me/password", json=change, headers=bearer(last["access_token"]))
    assert answer.status == 204, await answer.text()
    assert (await auth.exchange(await auth.register()))["access_token"]
    assert (await auth.login("person1@example.com", "wrong")).status == 401


async def second_factors_are_shown(service: Any) -> None:
    """By somebody with a history, and by somebody new."""
    partial = service.partial(str(plain_id("user", 60)))
    opened = await service.opened(partial, "totp")
    code = {"code": App(TOTP_SECRET, service.clock).code()}
    answer = await service.ask("POST", f"/v1/mfa/challenges/{opened['id']}/code", partial, json=code)
    assert answer.status == 200, await answer.text()
    assert (await service.ask("POST", "/v1/mfa/receipts", partial)).status == 200
    access = service.access(str(plain_id("user", 60)))
    assert (await service.ask("GET", "/v1/mfa/factors", access)).status == 200
    made = await service.ask("POST", "/v1/mfa/recovery-codes", access)
    assert made.status == 201, await made.text()
    await service.enrolled()


@pytest.fixture
async def plans(aiohttp_client: Any, aiohttp_server: Any, postgres: Postgres, valkey_url: str) -> list[dict[str, Any]]:
    """What PostgreSQL did while services were used, kept their record and cleaned up."""
    auth = await serve_auth(
        aiohttp_client, aiohttp_server, postgres, valkey_url, clock=FakeClock(system_clock()), cleanup_interval=1
    )
    await people_come_and_go(auth)
    async with running_services(postgres, valkey_url) as start:
        await second_factors_are_shown(await start(clock=FakeClock(system_clock())))
    return logged(Path(postgres.server.pgdata))


async def test_what_services_ask_costs_the_same_with_any_history(
    plans: list[dict[str, Any]], postgres: Postgres
) -> None:
    asked = {same(each["Query Text"]) for each in plans}
    for service, packages in PACKAGES.items():
        large = await large_tables(postgres, service)
        slow = {same(each["Query Text"]): found for each in plans if (found := faults(each["Plan"], large))}
        assert not slow, "\n".join(f"{asked}: {found}" for asked, found in slow.items())
        connection = await asyncpg.connect(postgres.url(service))
        unasked = {same(statement) for statement in statements(*packages)} - asked
        for statement in unasked:
            assert not faults(await generic_plan(connection, statement), large), statement
        await connection.close()
    # Flows were at work, functions of the owner's and foreign keys inside them.
    for word in ("INSERT INTO sessions", "INSERT INTO issued_receipts", "audit_inbox ORDER BY id", "FOR KEY SHARE"):
        assert any(word in statement for statement in asked), word


def test_a_plan_that_reads_everything_is_told_from_one_that_does_not() -> None:
    scan, whole = {"Node Type": "Seq Scan", "Relation Name": "t"}, {"Node Type": "Index Scan", "Relation Name": "t"}
    assert faults({"Node Type": "Sort", "Plans": [scan]}, ["t"]) == ["Seq Scan on t"]
    assert faults({"Node Type": "Limit", "Plans": [scan]}, ["t"]) == ["Seq Scan on t"]
    assert faults(whole, ["t"]) == ["Index Scan on t"]
    assert not faults({"Node Type": "Limit", "Plans": [whole]}, ["t"])
    assert not faults({**whole, "Index Cond": "(id = $1)"}, ["t"])
    assert not faults(scan, ["another"])

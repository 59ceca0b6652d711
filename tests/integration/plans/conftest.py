"""Stores with a history of some months, instead of those that all suites share."""

import asyncio
from collections.abc import Iterator

import pytest

from bench.fill import fill
from bench.fill_rows import Sizes
from tests.fakes.databases import migrated_postgres
from tests.fakes.twofactor_world import SETTINGS
from tests.integration.plans.explained import explain_everything_of
from tools.devstack.engines import Postgres

SIZES = Sizes(users=1500, sessions=12_000, records=16_000)
# What bench.fill leaves out, for it says nothing of time.
MORE = {
    "auth": """
        INSERT INTO disavowals SELECT gen_random_uuid(), gen_random_uuid(), moment, moment FROM
            generate_series(now() - interval '300 days', now(), '3 hours') moment;
        INSERT INTO audit_heads SELECT n, '', now() - interval '1 minute' * (9000 - n), '' FROM generate_series(1, 2000) n;
        VACUUM (ANALYZE) disavowals; VACUUM (ANALYZE) audit_heads;
    """,
    "twofactor": """
        INSERT INTO disavowals SELECT gen_random_uuid(), gen_random_uuid(), 'denied', '', moment, moment FROM
            generate_series(now() - interval '300 days', now(), '3 hours') moment;
        INSERT INTO recovery_codes SELECT id, sha256(id::text::bytea) FROM factors;
        INSERT INTO audit_heads SELECT n, '', now() - interval '1 minute' * (9000 - n), '' FROM generate_series(1, 2000) n;
        VACUUM (ANALYZE) disavowals; VACUUM (ANALYZE) recovery_codes; VACUUM (ANALYZE) audit_heads;
    """,
}


@pytest.fixture(scope="package")
def postgres() -> Iterator[Postgres]:
    with migrated_postgres() as server:
        keys = {"twofactor_key_encryption_key": SETTINGS["key_encryption_key"]}
        asyncio.run(fill(server, SIZES, keys, lambda _: None))
        for service, rows in MORE.items():
            for statement in rows.split(";"):
                server.psql("countersign", f"SET search_path = {service}; {statement}")
            explain_everything_of(server, service)
        yield server

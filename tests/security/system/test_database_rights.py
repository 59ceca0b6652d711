"""One service that was broken into does not have the other's tables, nor more of its own than its work needs."""

import asyncpg
import pytest

from tools.devstack.stack import Stack

REFUSED = {
    "auth": [
        "SELECT * FROM twofactor.factors", "SELECT * FROM twofactor.receipts", "SELECT * FROM twofactor.signing_keys",
        "INSERT INTO twofactor.factors (id) VALUES (gen_random_uuid())", "DELETE FROM users", "UPDATE users SET email = 'x'",
        "UPDATE users SET id = gen_random_uuid()", "UPDATE sessions SET amr = '{}'", "UPDATE sessions SET user_id = user_id",
        "UPDATE sessions SET partial_id = 'x'", "UPDATE sessions SET expires_at = now()", "TRUNCATE users", "DROP TABLE users",
        "ALTER TABLE users ADD COLUMN x int", "CREATE TABLE x (y int)", "CREATE TABLE public.x (y int)", "CREATE SCHEMA x",
    ],
    "twofactor": [
        "SELECT * FROM auth.users", "SELECT * FROM auth.sessions", "SELECT * FROM auth.signing_keys",
        "INSERT INTO auth.sessions (id) VALUES (gen_random_uuid())", "UPDATE receipts SET amr = '{}'", "DELETE FROM receipts",
        "UPDATE factors SET account = 'x'", "UPDATE factors SET user_id = user_id", "TRUNCATE receipts", "DROP TABLE factors",
        "CREATE TABLE x (y int)", "CREATE TABLE public.x (y int)", "CREATE SCHEMA x",
    ],
}  # fmt: skip
# What only a superuser or an owner may do.
POWERS = [
    "CREATE ROLE x SUPERUSER", "ALTER ROLE CURRENT_USER SUPERUSER", "SET ROLE postgres", "SET ROLE auth_owner", "SET ROLE twofactor_owner",
    "COPY (SELECT 1) TO PROGRAM 'true'", "COPY (SELECT 1) TO '/tmp/x'", "SELECT pg_read_file('/etc/passwd')", "SELECT * FROM pg_authid",
    "SELECT lo_import('/etc/passwd')",
]  # fmt: skip


@pytest.mark.parametrize("service", REFUSED)
async def test_a_service_has_its_own_rows_and_no_more(stack: Stack, service: str) -> None:
    connection = await asyncpg.connect(stack.environments[service]["COUNTERSIGN_DATABASE_URL"])
    try:
        for statement in [*REFUSED[service], *POWERS]:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(statement)
    finally:
        await connection.close()

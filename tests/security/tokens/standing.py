"""All that the three services remember, as it stands now: what a refusal must leave as it was."""

import asyncpg

from chassis.valkey import VALKEY
from tests.fakes.three_services import House

# A refusal is counted and written down; that is no change of what anybody has.
_COUNTED = ("audit", "pg_")
# Nor what is kept for seconds, and may be gone by itself: what the vendor said of a phone.
_FLEETING = (b":limits:", b":pace:", b":states:")
# Partitions are read with their table.
_TABLES = """
SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = $1 AND relkind IN ('r', 'p') AND NOT relispartition
"""


async def standing(house: House, owners: dict[str, asyncpg.Connection]) -> dict[str, str]:
    """Every table's content, every key of Valkey and what reached the upstream; `owners` by schema."""
    found = {"upstream": str(len(house.upstream.headers))}
    for schema, owner in owners.items():
        for (table,) in await owner.fetch(_TABLES, schema):
            if not table.partition(".")[2].startswith(_COUNTED):
                found[table] = await owner.fetchval(
                    f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
                )
    valkey = house.app["auth"][VALKEY]
    names = sorted([name async for name in valkey.scan_iter(count=1000) if not any(part in name for part in _FLEETING)])
    for name, content in zip(names, [await valkey.dump(name) for name in names], strict=True):
        found[name.decode()] = repr(content)
    return found

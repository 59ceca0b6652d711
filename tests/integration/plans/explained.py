"""Plans of statements: as PostgreSQL ran them, out of its own log, and as it would run those that nobody sent.

`auto_explain` (of PostgreSQL's contrib) writes down the plan of everything that the services' roles do, what functions and
foreign keys ask inside included. Nothing is listed by hand: a new statement is in the log, or in a module of a store.
"""

import inspect
import json
import pkgutil
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg

from tools.devstack.engines import Postgres

PLANS = """
ALTER ROLE {role} SET session_preload_libraries = 'auto_explain';
ALTER ROLE {role} SET auto_explain.log_min_duration = 0;
ALTER ROLE {role} SET auto_explain.log_nested_statements = on;
ALTER ROLE {role} SET auto_explain.log_format = 'json';
"""
_PLAN = re.compile(r"plan:\n((?:\t.*\n)+)")
_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
SCANS, INDEXED = {"Seq Scan"}, {"Index Scan", "Index Only Scan"}


def explain_everything_of(postgres: Postgres, role: str) -> None:
    """From the role's next connection on."""
    postgres.psql("postgres", PLANS.format(role=role))


def logged(folder: Path) -> list[dict[str, Any]]:
    """`{"Query Text", "Plan"}` of everything so far; `folder` is the server's."""
    return [json.loads(found.replace("\n\t", "\n")) for found in _PLAN.findall((folder / "log").read_text())]


def statements(*packages: str) -> Iterator[str]:
    """Every constant of these packages' modules and classes that is SQL."""
    for package in packages:
        module = import_module(package)
        names = [found.name for found in pkgutil.iter_modules(module.__path__, f"{package}.")]
        for each in map(import_module, names):
            own = [kept for _, kept in inspect.getmembers(each, inspect.isclass) if kept.__module__ == each.__name__]
            for scope in (each, *own):
                yield from (kept for kept in vars(scope).values() if isinstance(kept, str) and _STATEMENT.match(kept))


async def generic_plan(connection: asyncpg.Connection, statement: str) -> dict[str, Any]:
    """How PostgreSQL would run it, whatever the values."""
    values = len(set(re.findall(r"\$\d+", statement)))
    given = f"({', '.join(['NULL'] * values)})" if values else ""
    await connection.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE asked AS {statement}")
    found = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}"))
    await connection.execute("DEALLOCATE asked")
    return dict(found[0]["Plan"])


def same(statement: str) -> str:
    """However it is broken into lines."""
    return " ".join(statement.split())


def faults(plan: dict[str, Any], large: Sequence[str], *, limited: bool = False) -> list[str]:
    """What in a plan costs more with every row that a large table has: reading all of it, or all of an index."""
    kind, table = plan["Node Type"], plan.get("Relation Name", "")
    limited = limited or kind == "Limit"
    whole = kind in INDEXED and "Index Cond" not in plan and not limited
    found = [f"{kind} on {table}"] if table in large and (kind in SCANS or whole) else []
    return found + [fault for child in plan.get("Plans", []) for fault in faults(child, large, limited=limited)]

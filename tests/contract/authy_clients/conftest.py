import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tools.authy_simulator import API_KEY
from tools.authy_simulator.app import create_app
from tools.authy_simulator.settings import Settings


@dataclass
class Callback:
    """One callback as a web framework would hand it to a client library."""

    headers: dict[str, str]
    raw: str


@dataclass
class Running:
    """A simulator in a thread of its own, as clients that block need it."""

    url: str
    callback_url: str
    key: str = API_KEY


@dataclass
class Receiver:
    """The receiver of its callbacks, in a thread too."""

    callbacks: "queue.Queue[Callback]" = field(default_factory=queue.Queue)

    async def receive(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.callbacks.put(Callback(headers, await request.text()))
        return web.Response()


StartSimulator = Callable[..., AbstractContextManager[Running]]


@contextmanager
def in_a_thread(make_app: Callable[[], web.Application]) -> Iterator[str]:
    """Serves the application beside the test; gives its URL."""
    loop, over, is_up = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    urls: list[str] = []

    async def serve() -> None:
        runner = web.AppRunner(make_app(), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        is_up.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert is_up.wait(10)
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def start_simulator() -> StartSimulator:
    @contextmanager
    def start(callback_url: str, device_uuid: str = "text") -> Iterator[Running]:
        settings = Settings(callback_url=callback_url, device_uuid=device_uuid)
        with in_a_thread(lambda: create_app(settings)) as url:
            yield Running(url, callback_url)

    return start


@pytest.fixture(scope="module")
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture(scope="module")
def simulator(start_simulator: StartSimulator, receiver: Receiver) -> Iterator[Running]:
    def make_app() -> web.Application:
        app = web.Application()
        app.router.add_post("/callbacks/authy", receiver.receive)
        return app

    with in_a_thread(make_app) as url, start_simulator(callback_url=f"{url}/callbacks/authy") as running:
        yield running

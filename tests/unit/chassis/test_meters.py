"""What a process counts, and what a stranger cannot make it count."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

import chassis
from chassis import metrics_port
from chassis.meters import METERS, MOST, OTHER, Kind, Meter, Meters
from chassis.metrics_port import metrics_ctx
from chassis.problems import problem_middleware
from chassis.process import create_app
from chassis.readiness import add_note, add_readiness
from chassis.request import PART

Client = Callable[[web.Application], Awaitable[TestClient[Any, Any]]]
Sample = tuple[str, tuple[tuple[str, str], ...]]
THINGS = Meter(Kind.COUNTER, "countersign_things_total", "Things", ("kind",))


def samples(meters: Meters) -> dict[Sample, float]:
    families = text_string_to_metric_families(generate_latest(meters.registry).decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def labels_of(meters: Meters, name: str) -> list[dict[str, str]]:
    return [dict(labels) for sample, labels in samples(meters) if sample == name]


async def answer(_request: web.Request) -> web.Response:
    return web.Response(text="x")


async def one_of_several(request: web.Request) -> web.Response:
    request[PART] = "renewal"
    return web.Response(text="x")


def application() -> web.Application:
    app = create_app([problem_middleware({})])
    app.router.add_route("*", "/things/{id}", answer)
    app.router.add_post("/token", one_of_several)
    return app


async def test_a_strangers_path_agent_and_method_become_no_label(aiohttp_client: Client) -> None:
    app = application()
    client = await aiohttp_client(app)
    for number in range(20):
        await client.get(f"/things/{number}?secret={number}", headers={"User-Agent": f"agent-{number}"})
        await client.get(f"/nowhere/{number}")
    for method in ("PROPFIND", "PURGE", "MKCOL"):
        await client.request(method, "/things/1")
    counted = labels_of(app[METERS], "countersign_http_request_duration_seconds_count")
    assert {(c["method"], c["route"], c["status"]) for c in counted} == {
        ("GET", "/things/{id}", "200"),
        ("GET", "-", "404"),
        (OTHER, "/things/{id}", "200"),
    }
    assert b"agent-" not in generate_latest(app[METERS].registry)


async def test_a_refusal_is_counted_by_its_name(aiohttp_client: Client) -> None:
    app = application()
    client = await aiohttp_client(app)
    await client.get("/nowhere")
    assert labels_of(app[METERS], "countersign_http_refusals_total") == [{"refusal": "HTTPNotFound", "route": "-"}]


async def test_an_address_that_does_several_things_is_counted_for_each(aiohttp_client: Client) -> None:
    app = application()
    await (await aiohttp_client(app)).post("/token")
    counted = labels_of(app[METERS], "countersign_http_request_duration_seconds_count")
    assert [c["route"] for c in counted] == ["/token renewal"]


async def test_a_status_that_no_standard_knows_is_other(aiohttp_client: Client) -> None:
    app = create_app([])

    async def odd(_request: web.Request) -> web.Response:
        return web.Response(status=999)

    app.router.add_get("/odd", odd)
    await (await aiohttp_client(app)).get("/odd")
    assert labels_of(app[METERS], "countersign_http_request_duration_seconds_count")[0]["status"] == OTHER


async def test_probes_are_not_counted(aiohttp_client: Client) -> None:
    app = application()
    client = await aiohttp_client(app)
    await client.get("/livez")
    await client.get("/readyz")
    assert not labels_of(app[METERS], "countersign_http_request_duration_seconds_count")


def test_labels_without_end_become_one() -> None:
    meters = Meters()
    things = meters.counter(THINGS)
    for number in range(MOST + 50):
        things(f"kind-{number}").inc()
    found = samples(meters)
    assert len([name for name, _ in found if name == THINGS.name]) == MOST + 1
    assert found[THINGS.name, (("kind", OTHER),)] == 50


def test_what_has_begun_is_shown_as_zero() -> None:
    meters = Meters()
    meters.counter(THINGS).begin("good", "bad")
    assert [value for (name, _), value in samples(meters).items() if name == THINGS.name] == [0, 0]


async def test_the_port_shows_what_readiness_says(aiohttp_client: Client, free_port: Callable[[], int]) -> None:
    app, port = application(), free_port()

    async def away() -> None:
        raise ConnectionError

    async def here() -> None: ...

    add_readiness(app, "store", away)
    add_readiness(app, "peer", here)
    add_note(app, "policy", lambda: "broken")
    app.cleanup_ctx.append(metrics_ctx("localhost", port, "things"))
    client = await aiohttp_client(app)
    async with client.session.get(f"http://127.0.0.1:{port}/metrics") as shown:
        text = await shown.text()
    assert shown.headers["Content-Type"].startswith("text/plain")
    assert 'countersign_check_up{check="store"} 0.0' in text
    assert 'countersign_check_up{check="peer"} 1.0' in text
    assert 'countersign_note_active{note="policy"} 1.0' in text
    assert 'service="things"' in text
    assert "process_resident_memory_bytes" in text
    async with client.session.get(f"http://127.0.0.1:{port}/") as nothing_else:
        assert nothing_else.status == 404
    assert (await client.get("/metrics")).status == 404


@pytest.mark.parametrize("begun", [b"", b"GET /metrics HTTP/1.1\r\nHost: x\r\n"])
async def test_who_never_finishes_a_request_is_let_go(
    aiohttp_client: Client, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(metrics_port, "IDLE_SECONDS", 0.05)
    app, port = application(), free_port()
    app.cleanup_ctx.append(metrics_ctx("127.0.0.1", port, "things"))
    await aiohttp_client(app)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()


async def test_without_a_port_nothing_listens_and_everything_is_counted(aiohttp_client: Client) -> None:
    app = application()
    app.cleanup_ctx.append(metrics_ctx("127.0.0.1", 0, "things"))
    await (await aiohttp_client(app)).get("/things/1")
    assert labels_of(app[METERS], "countersign_http_request_duration_seconds_count")


async def test_an_address_of_another_machine_is_not_listened_on(free_port: Callable[[], int]) -> None:
    app = application()
    app.cleanup_ctx.append(metrics_ctx("192.0.2.7", free_port(), "things"))
    with pytest.raises(OSError, match=r"192\.0\.2\.7"):
        await web.AppRunner(app).setup()


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text())["project"]
    assert project["version"] == chassis.VERSION

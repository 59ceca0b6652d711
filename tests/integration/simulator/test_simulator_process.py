"""Settings, the state file, and the process as `python -m` starts it."""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.integration.simulator.outside import ADAS_PHONE, Caller, Receiver
from tools.authy_simulator import API_KEY
from tools.authy_simulator.app import create_app
from tools.authy_simulator.settings import Settings, read_settings


def test_flags_go_before_environment_before_defaults() -> None:
    assert read_settings([], {}) == Settings()
    environment = {"AUTHY_SIMULATOR_PORT": "1", "AUTHY_SIMULATOR_HOST": "0.0.0.0", "AUTHY_SIMULATOR_REGISTERED": "no"}
    found = read_settings(["--port", "2", "--data", "x.json"], environment)
    assert (found.port, found.host, found.registered, found.data) == (2, "0.0.0.0", False, Path("x.json"))
    assert read_settings(["--registered"], environment).registered is True


def test_the_key_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    environment = {"AUTHY_SIMULATOR_API_KEY_FILE": str(tmp_path / "key")}
    assert read_settings([], environment).api_key == "from a file"
    assert read_settings([], {**environment, "AUTHY_SIMULATOR_API_KEY": "plain"}).api_key == "plain"
    assert read_settings([], {}).api_key == API_KEY


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--device-uuid", "roman"], ["--nothing"]])
def test_a_wrong_flag_ends_the_program(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(arguments, {})
    assert "usage" in capsys.readouterr().err


async def test_a_restart_on_the_same_file_forgets_nothing(data: Path, receiver: Receiver) -> None:
    settings = Settings(callback_url=receiver.url, data=data)
    async with TestClient(TestServer(create_app(settings))) as client:
        authy = Caller(client)
        authy_id = await authy.ada()
        uuid = await authy.push(authy_id, details={"Place": "Zürich"})
        token = (await authy.phone())["app_token"]
        await authy.get(f"/protected/json/verify/{token}/{authy_id}?force=true")
        await authy.get(f"/protected/json/sms/{authy_id}?force=true")
        before = await authy.phone()
    async with TestClient(TestServer(create_app(settings))) as client:
        authy = Caller(client)
        after = await authy.phone()
        assert {**after, "app_token": None} == {**before, "app_token": None}
        used = await authy.get(f"/protected/json/verify/{token}/{authy_id}?force=true", 401)
        assert used["error_code"] == "60019"
        assert (await authy.press(uuid))["status"] == 200


async def test_without_a_file_a_restart_forgets_people_but_not_their_ids(receiver: Receiver) -> None:
    ids = []
    for _ in range(2):
        async with TestClient(TestServer(create_app(Settings(callback_url=receiver.url)))) as client:
            authy = Caller(client)
            await authy.control("GET", f"phones/{ADAS_PHONE}", 404)
            ids.append(await authy.ada())
    assert ids[0] == ids[1]


async def test_the_file_is_written_while_the_simulator_runs(data: Path) -> None:
    async with TestClient(TestServer(create_app(Settings(data=data)))) as client:
        authy_id = await Caller(client).ada()
        for _ in range(100):
            await asyncio.sleep(0.02)
            if data.exists():
                break
        assert str(authy_id) in data.read_text()


async def test_a_newcomer_may_be_without_the_app(receiver: Receiver) -> None:
    settings = Settings(callback_url=receiver.url, registered=False)
    async with TestClient(TestServer(create_app(settings))) as client:
        authy = Caller(client)
        await authy.ada()
        assert (await authy.phone())["registered"] is False


async def test_the_process_says_where_it_is_and_ends_on_sigterm_with_pages_open(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port, data = free_port(), tmp_path / "state.json"
    process = await start("--port", str(port), "--data", str(data))
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith(f"Authy simulator on http://127.0.0.1:{port}, callbacks to ")
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}"
        user = {"email": "a@b.co", "cellphone": "7700900123", "country_code": "44"}
        headers = {"X-Authy-API-Key": API_KEY}
        async with session.post(f"{url}/protected/json/users/new", json={"user": user}, headers=headers) as answer:
            assert answer.status == 200
        async with session.get(f"{url}/events"):
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                assert await process.wait() == 0
    assert "7700900123" in data.read_text()


async def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    data = tmp_path / "holiday.json"
    data.write_text('{"photos": ["beach"]')
    process = await start("--data", str(data))
    _, told = await process.communicate()
    assert process.returncode == 1
    assert b"is not a state file of this simulator" in told
    assert data.read_text() == '{"photos": ["beach"]'


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tools.authy_simulator", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_the_empty_page_leads_to_the_application_that_was_named() -> None:
    settings = Settings(callback_url="http://gateway:8080/callbacks/authy", application_url="https://sign-in.example")
    async with TestClient(TestServer(create_app(settings))) as client, client.get("/") as answer:
        assert 'href="https://sign-in.example"' in await answer.text()

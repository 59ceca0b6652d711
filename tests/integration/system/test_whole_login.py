"""All processes, real stores, the vendor over HTTP: what the demo tells, and what happens when a part of it dies."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import (
    ClientConnectorError,
    ClientSession,
    ClientTimeout,
    TCPConnector,
    TraceConfig,
    TraceRequestEndParams,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.secret_scan import SECRETS
from tests.fakes.whole_system import whole_system
from tools.demo.story import Story, bearer, tell_story
from tools.devstack.engines import ROOT
from tools.devstack.free_port import free_port
from tools.devstack.stack import Stack

pytestmark = pytest.mark.slow
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
}


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """A system that a test may break. Its issuers sign differently: auth and the gateway EdDSA, twofactor ES256."""
    edwards = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with whole_system(TOKEN_ALGORITHM="EdDSA", RECEIPT_ALGORITHM="ES256", ASSERTION_KEY=edwards) as stack:
        yield stack


class Person(Story):
    """The story's person, one step at a time."""

    @classmethod
    def on(cls, stack: Stack, http: ClientSession) -> "Person":
        person = cls(http, stack.url, stack.simulator_url, lambda *_: None)
        SECRETS.note(person.password)
        return person

    async def until_pushed(self) -> tuple[str, str]:
        await self._register()
        partial = await self._sign_in()
        return partial, await self._ask_for_a_push(partial)

    async def exchange(self, partial: str) -> tuple[int, dict[str, Any]]:
        async with self.http.post(f"{self.url}/oauth2/token", data={**EXCHANGE, "subject_token": partial}) as answer:
            return answer.status, await answer.json()

    async def status(self, partial: str, challenge: str) -> str:
        address = f"{self.url}/v1/mfa/challenges/{challenge}"
        async with self.http.get(address, headers={**bearer(partial), "Prefer": "wait=20"}) as answer:
            return str((await answer.json()).get("status", answer.status))


def restart(stack: Stack, name: str, module: str) -> None:
    """kill -9, then start again as an operator's supervisor would."""
    os.kill(stack.processes[name].pid, signal.SIGKILL)
    stack.processes[name].wait()
    stack.start(name, module)
    port = {"auth": stack.ports.auth, "twofactor": stack.ports.twofactor, "gateway": stack.ports.gateway}[name]
    stack.wait_until_ready(name, f"http://127.0.0.1:{port}/readyz")


@pytest.fixture
async def http() -> Any:
    # A connection a request: one that was kept would be broken by the restarts, which is the client's to notice.
    async with ClientSession(timeout=ClientTimeout(total=40), connector=TCPConnector(force_close=True)) as session:
        yield session


async def test_the_whole_story_happens(stack: Stack) -> None:
    steps: list[str] = []
    await tell_story(stack.url, stack.simulator_url, lambda step, _: steps.append(step))
    assert steps == [
        "register",
        "password",
        "protected",
        "push",
        "phone",
        "number",
        *steps[6:8],
        "exchange",
        "protected",
        "again",
    ]
    assert set(steps[6:8]) == {"waiting", "approve"}, "in whichever order"


async def test_each_step_of_a_login_says_how_its_limits_stand(stack: Stack) -> None:
    """Also the three that the gateway makes of what its peers say."""
    said: dict[str, str] = {}

    async def note(_session: ClientSession, _context: Any, ended: TraceRequestEndParams) -> None:
        if ended.response.status < 400 and "RateLimit" in ended.response.headers:
            said[ended.url.path] = " ".join(
                re.findall(r'"(\w+)(?:-\d+)?";r=\d+;t=', ended.response.headers["RateLimit"])
            )

    listening = TraceConfig()
    listening.on_request_end.append(note)
    async with ClientSession(trace_configs=[listening]) as http:
        await Person.on(stack, http).run()
    assert {path: set(names.split()) for path, names in said.items()} == {
        "/v1/users": {"register_failed", "register_network", "enrol_person", "enrol_network"},
        "/v1/login": {"login_network"},
        "/v1/mfa/challenges": {"challenge_person", "challenge_network"},
        **{path: {"code_person"} for path in said if path.endswith("/code")},
        "/oauth2/token": {"exchange_account"},
    }


async def test_issuers_that_sign_differently_are_believed_each_in_its_own_way(
    own_stack: Stack, http: ClientSession
) -> None:
    await tell_story(own_stack.url, own_stack.simulator_url, lambda *_: None)
    expected = {"jwks.json": "EdDSA", "approvals/jwks.json": "ES256", "gateway/jwks.json": "EdDSA"}
    for path, algorithm in expected.items():
        async with http.get(f"{own_stack.url}/.well-known/{path}") as answer:
            assert [key["alg"] for key in (await answer.json())["keys"]] == [algorithm], path


async def test_exchange_before_approval_is_pending_and_after_denial_denied(stack: Stack, http: ClientSession) -> None:
    person = Person.on(stack, http)
    partial, challenge = await person.until_pushed()
    assert await person.exchange(partial) == (
        400,
        {
            "error": "authorization_pending",
            "error_description": (await person.exchange(partial))[1]["error_description"],
        },
    )
    async with http.get(f"{stack.simulator_url}/control/phones/{person.phone}") as answer:
        uuid = (await answer.json())["approval_requests"][0]["uuid"]
    async with http.post(f"{stack.simulator_url}/control/approval_requests/{uuid}/deny") as answer:
        assert (await answer.json())["callback"]["status"] == 200
    assert await person.status(partial, challenge) == "denied"
    status, body = await person.exchange(partial)
    assert (status, body["error"]) == (400, "access_denied")


@pytest.mark.parametrize(
    ("name", "module"), [("auth", "services.auth"), ("twofactor", "services.twofactor"), ("gateway", "gateway")]
)
async def test_killing_a_process_between_push_and_approval_loses_nothing(
    own_stack: Stack, http: ClientSession, name: str, module: str
) -> None:
    person = Person.on(own_stack, http)
    partial, challenge = await person.until_pushed()
    restart(own_stack, name, module)
    await person._approve(challenge)
    assert await person.status(partial, challenge) == "approved"
    restart(own_stack, name, module)
    status, tokens = await person.exchange(partial)
    assert status == 200, tokens
    await person._call_protected(tokens["access_token"])
    assert (await person.exchange(partial))[0] == 400


async def test_a_process_that_is_told_to_stop_finishes_what_it_began(own_stack: Stack, http: ClientSession) -> None:
    person = Person.on(own_stack, http)
    await person._register()
    partial = await person._sign_in()
    slow = {"rules": [{"endpoint": "approval_requests", "fault": "slow", "seconds": 1.5, "count": 1}]}
    async with http.put(f"{own_stack.simulator_url}/control/faults", json=slow) as answer:
        assert answer.status in {200, 204}, await answer.text()
    opening = asyncio.create_task(person._ask_for_a_push(partial))
    await asyncio.sleep(0.5)
    own_stack.processes["twofactor"].send_signal(signal.SIGTERM)
    challenge = await opening
    assert own_stack.processes["twofactor"].wait(15) == 0
    own_stack.start("twofactor", "services.twofactor")
    own_stack.wait_until_ready("twofactor", f"http://127.0.0.1:{own_stack.ports.twofactor}/readyz")
    await person._approve(challenge)
    assert (await person.exchange(partial))[0] == 200


async def test_a_stopping_gateway_lets_go_of_those_who_wait(own_stack: Stack, http: ClientSession) -> None:
    person = Person.on(own_stack, http)
    partial, challenge = await person.until_pushed()
    address = f"{own_stack.url}/v1/mfa/challenges/{challenge}/events"
    async with http.get(address, headers=bearer(partial)) as stream:
        assert stream.status == 200
        await stream.content.readline()
        began = time.monotonic()
        own_stack.processes["gateway"].send_signal(signal.SIGTERM)
        assert own_stack.processes["gateway"].wait(15) == 0
        assert time.monotonic() - began < 5, "an open stream does not hold the drain up"
    own_stack.start("gateway", "gateway")
    own_stack.wait_until_ready("gateway", f"{own_stack.url}/readyz")
    await person._approve(challenge)
    assert await person.status(partial, challenge) == "approved"


async def test_a_callback_that_is_dropped_is_read_back_while_somebody_waits(
    own_stack: Stack, http: ClientSession
) -> None:
    person = Person.on(own_stack, http)
    async with http.put(
        f"{own_stack.simulator_url}/control/faults",
        json={"rules": [{"endpoint": "callback", "fault": "dropped", "count": 1}]},
    ) as answer:
        assert answer.status in {200, 204}, await answer.text()
    partial, challenge = await person.until_pushed()
    async with http.get(f"{own_stack.simulator_url}/control/phones/{person.phone}") as answer:
        request = (await answer.json())["approval_requests"][0]
    await person._type_number(challenge, request["details"])
    uuid = request["uuid"]
    async with http.post(f"{own_stack.simulator_url}/control/approval_requests/{uuid}/approve") as answer:
        assert (await answer.json())["callback"]["status"] != 200
    assert await person.status(partial, challenge) == "approved"


@contextmanager
def make_up(data: Path, port: int, simulator_port: int) -> Iterator[None]:
    """`make up`, until it says that it is ready; Ctrl-C afterwards, and exit status 0."""
    ports = ["--port", str(port), "--simulator-port", str(simulator_port)]
    command = [sys.executable, "-m", "tools.devstack", *ports, "--data", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert any(line.strip() == f"ready http://127.0.0.1:{port}" for line in process.stdout)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


async def test_a_second_run_on_the_same_data_keeps_the_users_and_ctrl_c_leaves_nothing(
    http: ClientSession, free_port: Any
) -> None:
    credentials = {"email": "ada@example.com", "password": "a winding road of words"}
    phone = {"country_code": "44", "number": "7700900123"}
    with tempfile.TemporaryDirectory(prefix="cs-kept-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data, port, simulator_port = Path(folder) / "data", free_port(), free_port()
        with make_up(data, port, simulator_port):
            async with http.post(f"http://127.0.0.1:{port}/v1/users", json={**credentials, "phone": phone}) as answer:
                assert answer.status == 201, await answer.text()
        with make_up(data, port, simulator_port):
            async with http.post(f"http://127.0.0.1:{port}/v1/login", json=credentials) as answer:
                login = await answer.json()
        for gone in (port, simulator_port):
            with pytest.raises(ClientConnectorError):
                await http.get(f"http://127.0.0.1:{gone}/")
        assert not (data / "postgres" / "postmaster.pid").exists()
    ways = {factor["channel"]: factor["available"] for factor in login["factors"]}
    assert ways["push"], "the simulator knows the phone still, and its app"


def test_a_killed_stack_leaves_nothing_that_stops_the_next_one(free_port: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="cs-dead-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data, port, simulator_port = Path(folder) / "data", free_port(), free_port()
        with pytest.raises(AssertionError), make_up(data, port, simulator_port):
            inside = json.loads((data / "processes.json").read_text())
            os.kill(psutil.Process(inside[0][0]).ppid(), signal.SIGKILL)
        with make_up(data, port, simulator_port):
            assert not [pid for pid, _ in inside if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


def _make_up(gateway: int, simulator: int, data: Path) -> subprocess.CompletedProcess[str]:
    ports = ["--port", str(gateway), "--simulator-port", str(simulator)]
    command = [sys.executable, "-m", "tools.devstack", *ports, "--data", str(data)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_folder_in_use_is_one_clear_line(stack: Stack) -> None:
    done = _make_up(free_port(), free_port(), stack.data)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert "is in use by another make up" in done.stderr


def test_a_port_that_is_taken_is_one_clear_line(stack: Stack) -> None:
    taken, other = stack.ports.gateway, free_port()
    done = _make_up(taken, other, stack.data.parent / "other")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"Port {taken} or {other} of 127.0.0.1 is taken. Name others: make up PORT=8081 SIMULATOR_PORT=8091"
    ]


def test_data_of_another_postgresql_is_one_clear_line() -> None:
    with tempfile.TemporaryDirectory(prefix="cs-old-") as folder:
        (Path(folder) / "postgres").mkdir()
        (Path(folder) / "postgres" / "PG_VERSION").write_text("19\n")
        done = _make_up(free_port(), free_port(), Path(folder))
    assert done.returncode == 1
    assert "was written by PostgreSQL 19, this is PostgreSQL 18" in done.stderr

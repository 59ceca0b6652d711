"""The service as it is shipped, over the wire to Authy's API and back by its signed callback."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.fakes.clock import FakeClock
from tests.fakes.twofactor_service import running_service_fixture, valkey_fixture  # noqa: F401 fixtures
from tests.fakes.twofactor_world import NUMBER
from tools.authy_simulator import API_KEY
from tools.authy_simulator.app import create_app
from tools.authy_simulator.settings import Settings as SimulatorSettings

PHONE = "44-7700900123"


class World:
    """The service, and the hand that holds the phone."""

    def __init__(self, service: Any, simulator: TestClient[Any, Any]) -> None:
        self.service, self.simulator = service, simulator

    async def control(self, method: str, path: str, body: object = None) -> Any:
        async with self.simulator.request(method, f"/control/{path}", json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.status != 204 else None

    async def screen(self) -> Any:
        return await self.control("GET", f"phones/{PHONE}")

    async def press(self, button: str) -> Any:
        request = (await self.screen())["approval_requests"][0]
        if button == "approve":
            await self.type_number(request)
        uuid = request["uuid"]
        return await self.control("POST", f"approval_requests/{uuid}/{button}")

    async def type_number(self, request: Any) -> None:
        """What the phone shows, where the login began."""
        challenge, code = request["hidden_details"]["challenge"], {"code": request["details"][NUMBER]}
        path = f"/v1/mfa/challenges/{challenge}/code"
        await self.service.ask("POST", path, self.service.tokens[challenge], json=code)

    async def fault(self, **rule: object) -> None:
        await self.control("PUT", "faults", {"rules": [rule]})


@pytest.fixture
async def world(running_service, free_port):
    clock, port = FakeClock(), free_port()
    callback = f"http://127.0.0.1:{port}/callbacks/authy"
    simulator = TestClient(TestServer(create_app(SimulatorSettings(callback_url=callback), clock=clock)))
    await simulator.start_server()
    service = await running_service(
        clock=clock,
        port=port,
        over_the_wire=True,
        authy_url=str(simulator.make_url("")),
        authy_api_key=API_KEY,
        callback_url=callback,
    )
    yield World(service, simulator)
    await simulator.close()


async def test_approve_on_the_phone_and_the_signed_callback_lets_one_in(world):
    token = await world.service.enrolled()
    challenge = await world.service.opened(token)
    request = (await world.screen())["approval_requests"][0]
    assert request["details"]["Browser"] == "Firefox on Linux"
    assert request["hidden_details"]["challenge"] == challenge["id"]
    assert request["seconds_to_expire"] == 120
    assert (await world.press("approve"))["callback"]["status"] == 200
    assert (await world.service.shown(token, challenge))["status"] == "approved"
    assert (await world.service.receipt(token)).status == 200


async def test_deny_on_the_phone_denies(world):
    token = await world.service.enrolled()
    challenge = await world.service.opened(token)
    await world.press("deny")
    shown = await world.service.shown(token, challenge)
    assert (shown["status"], shown["reason"]) == ("denied", "declined")


@pytest.mark.parametrize("channel", ["sms", "voice"])
async def test_a_code_that_was_sent_confirms(world, channel):
    token = await world.service.enrolled()
    challenge = await world.service.opened(token, channel)
    path = f"/v1/mfa/challenges/{challenge['id']}/code"
    messages = (await world.screen())["messages"]
    code = messages[0]["code"] if messages else (await world.screen())["app_token"]
    assert challenge["delivery"] == ("sent" if messages else "open_app")
    answer = await world.service.ask("POST", path, token, json={"code": code})
    assert (answer.status, (await answer.json())["status"]) == (200, "approved")


async def test_the_apps_own_code_confirms_once(world):
    token = await world.service.enrolled()
    challenge = await world.service.opened(token, "app")
    code = (await world.screen())["app_token"]
    path = f"/v1/mfa/challenges/{challenge['id']}/code"
    assert (await world.service.ask("POST", path, token, json={"code": code})).status == 200


async def test_without_the_app_a_push_is_not_offered(world, valkey):
    token = await world.service.enrolled()
    await world.control("PATCH", f"phones/{PHONE}", {"registered": False})
    await valkey.flushall()  # what was remembered of it for 15 seconds
    factors = (await (await world.service.ask("GET", "/v1/mfa/factors", token)).json())["factors"]
    by_channel = {f["channel"]: f for f in factors}
    assert (by_channel["push"]["available"], by_channel["push"]["reason"]) == (False, "app_not_registered")
    assert by_channel["sms"]["available"] is True


async def test_a_dropped_callback_is_made_good_while_someone_waits(world):
    await world.fault(fault="dropped")
    token = await world.service.enrolled()
    challenge = await world.service.opened(token)
    await world.press("approve")
    world.service.clock.advance(seconds=6)
    for _ in range(50):
        if (await world.service.shown(token, challenge))["status"] == "approved":
            break
        await world.service.read_backs()
        await asyncio.sleep(0.05)
    assert (await world.service.receipt(token)).status == 200


@pytest.mark.parametrize("fault", ["badly_signed", "stale", "other_authy_id", "get", "flagged"])
async def test_a_callback_that_is_not_what_it_should_be_approves_nothing(world, fault):
    await world.fault(fault=fault)
    token = await world.service.enrolled()
    challenge = await world.service.opened(token)
    await world.press("approve")
    assert (await world.service.shown(token, challenge))["status"] in {"pending", "denied"}
    assert (await world.service.receipt(token)).status in {403, 409}


async def test_a_repeated_callback_is_one_approval(world):
    await world.fault(fault="repeated")
    token = await world.service.enrolled()
    challenge = await world.service.opened(token)
    await world.press("approve")
    assert (await world.service.shown(token, challenge))["status"] == "approved"


@pytest.mark.parametrize("fault", ["503", "429", "html", "wrong_json", "reset"])
async def test_while_authy_answers_nonsense_the_other_ways_are_named_and_the_next_try_works(world, fault):
    token = await world.service.enrolled()
    await world.fault(endpoint="approval_requests/create", fault=fault, count=1)
    refused = await world.service.ask("POST", "/v1/mfa/challenges", token, json={"channel": "push"})
    document = await refused.json()
    assert (refused.status, document["error"]) == (503, "provider_unavailable")
    assert [factor["channel"] for factor in document["factors"]]
    assert int(refused.headers["Retry-After"]) > 0
    await world.control("DELETE", "faults")
    assert (await world.service.opened(token))["status"] == "pending"

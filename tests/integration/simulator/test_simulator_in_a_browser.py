"""The phone page in Chromium: it moves by itself, and its buttons are found by their names."""

import os
import re
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, Page, expect

from tests.integration.simulator.outside import ADAS_PHONE, Caller, Receiver, listening
from tools.authy_simulator.app import create_app
from tools.authy_simulator.settings import Settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(os.environ.get("BROWSER") == "none", reason="BROWSER=none"),
]
PAGE = f"/phones/{ADAS_PHONE}"
Client = TestClient[web.Request, web.Application]


@pytest_asyncio.fixture(loop_scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    """Where the browser is: in the loop of the session."""
    async with listening() as receiver:
        yield receiver


@pytest_asyncio.fixture(loop_scope="session")
async def http(receiver: Receiver, codes: Callable[[], str]) -> AsyncIterator[Client]:
    """With the true time: a browser has no other."""
    settings = Settings(callback_url=receiver.url)
    async with TestClient(TestServer(create_app(settings, new_code=codes))) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def tab(chromium: Browser, http: Client) -> AsyncIterator[Page]:
    """A tab; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    async with await chromium.new_context(base_url=str(http.make_url("/"))) as context:
        tab = await context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        yield tab
    # A simulator that is away is no fault of the page.
    assert [text for text in complaints if "net::ERR_" not in text] == []


async def test_a_push_appears_by_itself_and_is_approved(authy: Caller, receiver: Receiver, tab: Page) -> None:
    authy_id = await authy.ada()
    await tab.goto(PAGE)
    await expect(tab.get_by_text("No notifications")).to_be_visible()
    uuid = await authy.push(authy_id, details={"Browser": "Firefox"})
    await expect(tab.get_by_text("Sign in?")).to_be_visible()
    await expect(tab).to_have_title("(1) +44 7700 900123 · Authy simulator")
    await expect(tab.get_by_role("status")).to_have_text("A new request waits for your answer")
    await tab.get_by_role("button", name="Approve").click()
    await expect(tab.get_by_text("You approved this")).to_be_visible()
    await expect(tab.get_by_role("button", name="Approve")).to_have_count(0)
    await expect(tab.locator(".pill.good")).to_have_text("200")
    assert [post.body["uuid"] for post in receiver.posts] == [uuid]


async def test_a_push_is_denied_from_the_keyboard_on_the_page_of_all_phones(
    authy: Caller, receiver: Receiver, tab: Page
) -> None:
    await tab.goto("/")
    await expect(tab.get_by_text("No phones yet")).to_be_visible()
    await authy.push(await authy.ada())
    await tab.get_by_role("button", name="Deny").focus()
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_text("You denied this")).to_be_visible()
    assert receiver.posts[0].body["status"] == "denied"


async def test_time_runs_and_runs_out(authy: Caller, tab: Page) -> None:
    await authy.push(await authy.ada(), seconds_to_expire=4)
    await tab.goto(PAGE)
    await expect(tab.locator(".push .count")).to_have_text(re.compile("^[123]$"))
    await expect(tab.get_by_text("Time ran out")).to_be_visible(timeout=8_000)


async def test_the_drawer_stays_open_while_rules_come_and_go(authy: Caller, tab: Page) -> None:
    await authy.ada()
    await tab.goto(PAGE)
    await tab.get_by_text("Faults", exact=True).click()
    await tab.get_by_label("What").select_option("badly_signed")
    await tab.get_by_label("How often").fill("1")
    await tab.get_by_role("button", name="Add rule").click()
    await expect(tab.locator(".rules")).to_contain_text("badly signed")
    await expect(tab.locator("#fault-count")).to_have_text("1")
    await tab.get_by_role("button", name="Clear all").click()
    await expect(tab.get_by_text("All is well.")).to_be_visible()


async def test_the_switch_takes_the_app_away(authy: Caller, tab: Page) -> None:
    await authy.ada()
    await tab.goto(PAGE)
    switch = tab.get_by_role("switch", name="Has the Authy app")
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(tab.get_by_text("The Authy app is not installed")).to_be_visible()
    await expect(switch).not_to_be_checked()


async def test_a_page_finds_a_simulator_that_was_started_again(
    authy: Caller, tab: Page, http: Client, receiver: Receiver, codes: Callable[[], str]
) -> None:
    await authy.ada()
    await tab.goto(PAGE)
    await expect(tab.get_by_text("No notifications")).to_be_visible()
    # Nothing comes through before the new one knows the phone again: that it does not is another story.
    await tab.route("**/*", lambda route: route.abort())
    port = http.port
    await http.close()
    app = create_app(Settings(callback_url=receiver.url), new_code=codes)
    async with TestClient(TestServer(app, port=port)) as again:
        later = Caller(again)
        ada = await later.ada()
        await tab.unroute_all()
        await later.get(f"/protected/json/sms/{ada}?force=true")
        await expect(tab.get_by_text("1000000")).to_be_visible(timeout=10_000)

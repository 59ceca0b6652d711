"""A person with a browser signs in on the protected host itself, through each proxy."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.phone import Phone
from tests.browser.walk import PASSWORD, Account, ask_by, make_account, say_yes
from tests.fakes.phone_numbers import new_number
from tests.integration.forward_auth.asking import Asking
from tests.integration.forward_auth.fronts import HOST, Front
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, front: Front) -> AsyncIterator[Page]:
    async with await chromium.new_context(base_url=front.url, ignore_https_errors=True, locale="en-GB") as fresh:
        fresh.set_default_timeout(PATIENCE_MS)
        yield await fresh.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def phone(stack: Stack) -> AsyncIterator[Phone]:
    async with Phone.new(stack.simulator_url, new_number()) as new:
        yield new


async def sign_in(page: Page, account: Account, phone: Phone) -> None:
    await page.get_by_label("E-mail").fill(account.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url(re.compile(r"/confirm$"))
    await ask_by(page, "push")
    await say_yes(page, phone)


async def test_whoever_wanted_a_page_signs_in_on_its_host_and_gets_it(
    page: Page, phone: Phone, stack: Stack, front: Front
) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/reports/7?year=2026")
    assert page.url == f"{front.url}/sign-in?return_to=%2Freports%2F7%3Fyear%3D2026"
    await sign_in(page, account, phone)

    await page.wait_for_url(f"{front.url}/reports/7?year=2026")
    await expect(page.get_by_text("Countersign-User").first).to_be_visible()
    cookies = await page.context.cookies()
    assert [c["name"] for c in cookies if c["name"] == "__Host-session"] == ["__Host-session"]
    assert {c["domain"] for c in cookies} == {HOST}
    # The service was never shown the cookie that stands for the person.
    assert "__Host-session" not in await page.content()


async def test_a_link_cannot_lead_from_signing_in_to_another_host(
    page: Page, phone: Phone, stack: Stack, front: Front
) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/sign-in?return_to=//evil.example/x")
    await sign_in(page, account, phone)
    await page.wait_for_url(re.compile(r"^[^?]*/$"))
    assert urlsplit(page.url).netloc == f"{HOST}:{front.port}"


async def test_signing_out_shuts_the_service(page: Page, phone: Phone, stack: Stack, front: Front) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/hello")
    await sign_in(page, account, phone)
    await page.wait_for_url(f"{front.url}/hello")
    cookie = next(c for c in await page.context.cookies() if c["name"] == "__Host-session")
    await page.goto("/sessions")
    await page.get_by_role("button", name=re.compile("Sign out")).first.click()
    await page.wait_for_url(re.compile("/sign-in"))
    # Also whoever has kept the cookie.
    await page.context.add_cookies([cookie])
    await page.goto("/hello")
    assert "/sign-in?return_to=" in page.url


async def test_another_sites_page_cannot_act_with_the_session(
    page: Page, phone: Phone, stack: Stack, front: Front, asking: Asking
) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/hello")
    await sign_in(page, account, phone)
    await page.wait_for_url(f"{front.url}/hello")
    post = "async ([url, mode]) => (await fetch(url, {method: 'POST', mode, credentials: 'include'})).status"
    assert await page.evaluate(post, ["/hello", "same-origin"]) == 200
    cookie = next(c for c in await page.context.cookies() if c["name"] == "__Host-session")
    lines = (f"Cookie: __Host-session={cookie['value']}", "Content-Length: 0")
    assert (await asking("/hello", *lines, "Sec-Fetch-Site: same-origin", method="POST")).status == 200
    for site in ("cross-site", "same-site"):
        assert (await asking("/hello", *lines, f"Sec-Fetch-Site: {site}", method="POST")).status == 403
    assert (await asking("/hello", *lines, "Origin: https://evil.example", method="POST")).status == 403
    assert (await asking("/hello", *lines, f"Origin: {front.url}", method="POST")).status == 200
    evil = (
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    )
    socket = (lines[0], *evil)
    assert (await asking.upgrade("/hello/ws", *socket, "Origin: https://evil.example")).status == 403
    assert (await asking.upgrade("/hello/ws", *socket, f"Origin: {front.url}")).status == 101

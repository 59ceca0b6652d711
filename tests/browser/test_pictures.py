"""A picture of every page and state, light and dark, phone and desktop, into `screenshots/`: for people to look at."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.phone import Phone
from tests.browser.walk import (
    IPHONE,
    PASSWORD,
    WAITING,
    Account,
    ask_by,
    enter_password,
    expect_home,
    forget_what_came_to_nothing,
    let_two_minutes_pass,
    make_account,
    sign_in,
)
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]

INTO = Path(__file__).parents[2] / "screenshots"
SCREENS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 880}}
SCHEMES = ("light", "dark")
Take = Callable[[str], Awaitable[None]]


async def test_pictures_of_every_page_and_state(chromium: Browser, stack: Stack, phone: Phone) -> None:
    INTO.mkdir(exist_ok=True)
    async with await chromium.new_context(base_url=stack.url, locale="en-GB", reduced_motion="reduce") as context:
        page = await context.new_page()
        take = partial(_take, page)
        account = Account("ana.silva@example.com")
        await _first_factor(page, take, account, phone)
        await _push(page, take, account, phone, stack)
        await _account(page, take, account, phone)
        await _codes(page, take, account, phone)
        await _without_the_app(page, take, phone, stack)
        await _not_me(page, take, phone, stack)
        await page.goto("/nowhere")
        await take("error")


async def _take(page: Page, name: str) -> None:
    for screen, size in SCREENS.items():
        await page.set_viewport_size(size)
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=INTO / f"{name}-{screen}-{scheme}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"


async def _first_factor(page: Page, take: Take, account: Account, phone: Phone) -> None:
    await page.goto("/sign-up")
    await take("sign-up")
    await page.get_by_label("E-mail").fill(account.email)
    await page.get_by_label("Password", exact=True).fill("password1234")
    await page.get_by_label("Phone number").fill("07700 9")
    await page.get_by_role("button", name="Create account").click()
    await expect(page).to_have_title(re.compile("Please check"))
    await take("sign-up-wrong")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await expect(page.get_by_text("Strong.")).to_be_visible()
    await take("sign-up-strong")
    await page.get_by_label("Phone number").fill(f"0{phone.number}")
    await page.get_by_role("button", name="Create account").click()
    await page.wait_for_url("**/confirm")
    await page.get_by_role("button", name="Not you?").click()
    await take("cancelled")
    await page.goto("/sign-in")
    await take("sign-in")
    await page.get_by_label("E-mail").fill(account.email)
    await page.get_by_label("Password", exact=True).fill("wrong wrong wrong")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await take("sign-in-wrong")


async def _push(page: Page, take: Take, account: Account, phone: Phone, stack: Stack) -> None:
    await enter_password(page, account)
    await take("confirm")
    await ask_by(page, "push")
    await take("wait")
    user = await let_two_minutes_pass(stack, phone)
    await page.reload()
    await expect(page).to_have_title(re.compile("Nobody answered"))
    await take("expired")
    await forget_what_came_to_nothing(stack, user)
    await page.reload()
    await page.get_by_role("button", name="Send it again").click()
    await expect(page).to_have_title(WAITING)
    await page.get_by_label("Number on your phone").fill(await phone.number_to_type())
    await page.get_by_role("heading", name="Now approve on your phone").wait_for()
    await take("wait-typed")
    # The tick stands for less than a second: long enough to see, too short for four pictures.
    await page.evaluate("window.setTimeout = () => 0")
    await phone.approve()
    await page.get_by_role("heading", name="Approved").wait_for()
    await take("approved")
    await page.reload()
    await expect_home(page, account)
    await take("home")


async def _account(page: Page, take: Take, account: Account, phone: Phone) -> None:
    await _elsewhere(page, account, phone)
    await page.goto("/sessions")
    await take("sessions")
    await page.get_by_role("button", name="End the session").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await take("sessions-ended")
    await page.goto("/password")
    await take("password")
    await page.get_by_label("Current password", exact=True).fill("not the right one")
    await page.get_by_label("New password", exact=True).fill("seven lamps under water")
    await page.get_by_role("button", name="Change password").click()
    await expect(page).to_have_title(re.compile("Please check"))
    await take("password-wrong")
    await page.goto("/sign-in?return_to=/password&reason=fresh")
    await take("again")
    await page.goto("/factors")
    await take("phones")
    await page.goto("/factors/add")
    await take("phones-add")
    await page.get_by_label("Phone number").fill(f"0{int(phone.number) + 733}")
    await page.get_by_role("button", name="Add phone").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await take("phones-added")
    await page.get_by_role("button", name="Remove").last.click()
    await take("phones-remove")
    await page.get_by_role("button", name="Remove it").click()
    await page.goto("/")
    await page.get_by_role("button", name="Sign out").click()
    await take("signed-out")


async def _elsewhere(page: Page, account: Account, phone: Phone) -> None:
    """A second session, in a browser that says it is an iPhone's."""
    browser = page.context.browser
    assert browser is not None
    async with await browser.new_context(base_url=page.url, user_agent=IPHONE, locale="en-GB") as context:
        await sign_in(await context.new_page(), account, phone)


async def _codes(page: Page, take: Take, account: Account, phone: Phone) -> None:
    await enter_password(page, account)
    await ask_by(page, "app")
    await take("code-app")
    await page.get_by_label("Code").fill("0000000")
    await expect(page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    await take("code-wrong")
    await page.get_by_role("link", name="Confirm another way").click()
    await ask_by(page, "sms")
    await take("code-open-app")


async def _not_me(page: Page, take: Take, phone: Phone, stack: Stack) -> None:
    """Somebody else denies, and is led to a new password."""
    other = Phone(phone.http, str(int(phone.number) + 600))
    await page.context.clear_cookies()
    account = await make_account(stack.url, other)
    await enter_password(page, account)
    await ask_by(page, "push")
    await other.deny()
    await expect(page).to_have_title(re.compile("Denied"))
    await take("denied")
    # What is confirmed within the same second counts as confirmed before.
    await page.wait_for_timeout(1100)
    await page.get_by_role("link", name="Sign in again").click()
    await enter_password(page, account)
    await take("confirm-paused")
    await ask_by(page, "app")
    await page.get_by_label("Code").fill(await other.app_code())
    await expect(page).to_have_title(re.compile("Choose a new password"))
    await take("password-new")


async def _without_the_app(page: Page, take: Take, phone: Phone, stack: Stack) -> None:
    bare = Phone(phone.http, str(int(phone.number) + 500))
    await bare.has_app(False)
    await page.context.clear_cookies()
    await enter_password(page, await make_account(stack.url, bare))
    await take("confirm-without-app")
    await ask_by(page, "sms")
    await take("code-sms")

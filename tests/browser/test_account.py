"""From the inside: what is open, another password, another phone; and confirming once more where it matters."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.phone import Phone
from tests.browser.walk import (
    IPHONE,
    PASSWORD,
    Account,
    ask_by,
    confirm_by_push,
    enter_password,
    expect_home,
    let_the_confirmation_grow_old,
    make_account,
    sign_in,
)
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]

STRICT_SECONDS = 10
STRICT = """
[[route]]
prefix = "/strict"
upstream = "{upstream}"
name = "strict"
require = "aal2"
max_age = {age}
"""
NEW = "seven lamps under water"


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(chromium: Browser, stack: Stack) -> AsyncIterator[Page]:
    """A tab in another browser, which says that it is an iPhone's."""
    async with await chromium.new_context(base_url=stack.url, user_agent=IPHONE, locale="en-GB") as context:
        context.set_default_timeout(10_000)
        yield await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def strict(stack: Stack) -> AsyncIterator[str]:
    """A path behind the gateway, for who has confirmed in the last `STRICT_SECONDS`."""
    file = Path(stack.environments["gateway"]["COUNTERSIGN_POLICY_FILE"])
    rules = file.read_text()
    file.write_text(f"{rules}\n{STRICT.format(upstream=stack.ports.url(stack.ports.upstream), age=STRICT_SECONDS)}")
    # The gateway looks at the file every second.
    await asyncio.sleep(2)
    yield "/strict/hello"
    file.write_text(rules)


async def reload_until(page: Page, path: str, led_to: str) -> None:
    """Opens `path` until it leads elsewhere: news of an end, and the passing of time, reach the gateway when they do."""
    async with asyncio.timeout(2 * STRICT_SECONDS):
        while led_to not in page.url:
            await page.goto(path)
            await asyncio.sleep(0.2)


async def test_a_session_on_another_device_is_seen_and_ended(
    page: Page, elsewhere: Page, phone: Phone, stack: Stack
) -> None:
    account = await make_account(stack.url, phone)
    await sign_in(elsewhere, account, phone)
    await sign_in(page, account, phone)
    await page.get_by_role("link", name="Where you’re signed in").click()
    rows = page.get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("This one")
    await expect(rows.last).to_contain_text("Safari on iPhone")
    await expect(rows.last).to_contain_text("Password, then approval on your phone")
    await page.get_by_role("button", name=re.compile("^End the session of Safari on iPhone")).click()
    await expect(page.get_by_role("status")).to_have_text("That session is over.")
    await expect(rows).to_have_count(1)

    await elsewhere.goto("/sessions")
    await expect(elsewhere.get_by_text("Your session is over")).to_be_visible()
    await enter_password(elsewhere, account)
    await confirm_by_push(elsewhere, phone)
    await elsewhere.wait_for_url("**/sessions")


async def test_all_others_are_ended_at_once_and_then_all(
    page: Page, elsewhere: Page, phone: Phone, stack: Stack
) -> None:
    account = await make_account(stack.url, phone)
    await sign_in(elsewhere, account, phone)
    await sign_in(page, account, phone)
    await page.goto("/sessions")
    await page.get_by_role("button", name="End all others").click()
    await expect(page.get_by_text("All your other sessions are over.")).to_be_visible()
    await expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    await elsewhere.goto("/sessions")
    await enter_password(elsewhere, account)
    await confirm_by_push(elsewhere, phone)
    await expect(elsewhere.get_by_role("listitem")).to_have_count(2)
    await page.reload()
    await page.get_by_role("button", name="Sign out everywhere").click()
    await expect(page.get_by_text("You are signed out everywhere.")).to_be_visible()
    await page.go_back()
    await expect(page).to_have_title(re.compile("Sign in"))


async def test_a_new_password_opens_the_next_sign_in_and_closes_the_other_sessions(
    page: Page, elsewhere: Page, phone: Phone, stack: Stack
) -> None:
    account = await make_account(stack.url, phone)
    await sign_in(elsewhere, account, phone)
    await sign_in(page, account, phone)
    await page.get_by_role("link", name="Password").click()
    await expect(page.get_by_label("Current password")).to_be_focused()
    await page.keyboard.type("not the right one")
    await page.get_by_label("New password", exact=True).fill("password1234")
    await expect(page.get_by_text("Easy to guess")).to_be_visible()
    await page.get_by_label("New password", exact=True).fill(NEW)
    await expect(page.get_by_text("Strong.")).to_be_visible()
    await page.get_by_role("button", name="Show new password").click()
    await expect(page.get_by_label("New password", exact=True)).to_have_attribute("type", "text")
    await page.get_by_role("button", name="Change password").click()
    await expect(page.locator("#current_password-wrong")).to_have_text("This is not your password")
    await page.get_by_label("Current password", exact=True).fill(PASSWORD)
    await page.get_by_label("New password", exact=True).fill(NEW)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    await expect_home(page, account)

    await reload_until(elsewhere, "/demo/hello", "/sign-in")
    assert "return_to=%2Fdemo%2Fhello" in elsewhere.url
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page, Account(account.email, NEW), phone)


async def test_an_old_confirmation_is_renewed_and_leads_back(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await sign_in(page, account, phone)
    await page.goto("/password")
    await let_the_confirmation_grow_old(stack, account)
    await page.get_by_label("Current password", exact=True).fill(PASSWORD)
    await page.get_by_label("New password", exact=True).fill(NEW)
    await page.get_by_role("button", name="Change password").click()
    await expect(page).to_have_title(re.compile("Confirm once more"))
    await expect(page.get_by_text("Before you change your password")).to_be_visible()
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await confirm_by_push(page, phone)
    await expect(page).to_have_title(re.compile("Change your password"))
    await page.goto("/sessions")
    await expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()


async def test_a_place_that_wants_a_fresh_confirmation_gets_one_and_opens(
    page: Page, phone: Phone, stack: Stack, strict: str
) -> None:
    account = await make_account(stack.url, phone)
    # The confirmation may grow old between the page and its style, which the browser would complain of.
    await page.route(f"**{strict}/**", lambda route: route.abort())
    await page.goto(strict)
    await enter_password(page, account)
    await confirm_by_push(page, phone)
    await page.wait_for_url(f"**{strict}")
    await reload_until(page, strict, "reason=fresh")
    await expect(page.get_by_text("wants to know that you have confirmed in the last few minutes")).to_be_visible()
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await confirm_by_push(page, phone)
    await page.wait_for_url(f"**{strict}")


async def test_whoever_will_not_confirm_again_stays_signed_in(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await sign_in(page, account, phone)
    await page.goto("/sign-in?return_to=/demo/hello&reason=fresh")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()
    await ask_by(page, "push")
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("status")).to_contain_text("you are still signed in")
    await expect_home(page, account)


async def test_another_phone_is_added_and_the_first_removed(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    second = Phone(phone.http, str(int(phone.number) + 733))
    await sign_in(page, account, phone)
    await page.get_by_role("link", name="How you confirm").click()
    await expect(page.get_by_text("This is your only way in")).to_be_visible()
    await page.get_by_role("link", name="Add a phone").click()
    await page.get_by_label("Phone number").fill(f"0{second.number}")
    await page.get_by_role("button", name="Add phone").click()
    await expect(page.get_by_text("Your phone is added.")).to_be_visible()
    rows = page.get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await rows.filter(has_text=phone.number[-2:]).get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("Make sure that you still have your other one.")).to_be_visible()
    await page.get_by_role("button", name="Remove it").click()
    await expect(page.get_by_text("It is removed")).to_be_visible()
    await expect(rows).to_have_count(2)
    await page.goto("/")
    await page.get_by_role("button", name="Sign out").click()
    await enter_password(page, account)
    await confirm_by_push(page, second)
    await expect_home(page, account)


async def test_the_account_needs_no_javascript(chromium: Browser, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    async with await chromium.new_context(base_url=stack.url, java_script_enabled=False) as context:
        page = await context.new_page()
        await enter_password(page, account)
        await ask_by(page, "app")
        await page.get_by_label("Code").fill(await phone.app_code())
        await page.get_by_role("button", name="Confirm", exact=True).click()
        await expect_home(page, account)
        await page.get_by_role("link", name="Password").click()
        await page.get_by_label("Current password", exact=True).fill(PASSWORD)
        await page.get_by_label("New password", exact=True).fill(NEW)
        await page.get_by_role("button", name="Change password").click()
        await expect(page.get_by_text("Your password is changed")).to_be_visible()
        await page.get_by_role("link", name="Where you’re signed in").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_text("You are signed out.")).to_be_visible()

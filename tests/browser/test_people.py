"""How different people, and different browsers, get through."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.phone import Phone
from tests.browser.walk import PASSWORD, Account, ask_by, enter_password, expect_home, make_account, say_yes, skip_codes
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]


async def test_a_wrong_password_is_told_in_one_sentence_and_the_address_stays(
    page: Page, phone: Phone, stack: Stack
) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(account.email)
    await page.get_by_label("Password", exact=True).fill("not the right one")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Wrong e-mail or password.")
    await expect(page.get_by_label("E-mail")).to_have_value(account.email)
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()


async def test_an_account_without_a_phone_is_led_to_enrolment(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone, with_phone=False)
    await enter_password(page, account)
    await expect(page).to_have_title(re.compile("Add a second factor"))
    await page.goto("/confirm")
    await expect(page).to_have_title(re.compile("Add a second factor"))
    await page.get_by_label("Country").select_option("GB")
    await page.get_by_label("Phone number").fill("12")
    await page.get_by_role("button", name="Add phone").click()
    await expect(page.get_by_text("This is not a phone number in that country")).to_be_visible()
    await page.get_by_label("Phone number").fill(phone.number)
    await page.get_by_role("button", name="Add phone").click()
    await ask_by(page, "push")
    await say_yes(page, phone)
    await skip_codes(page)
    await expect_home(page, account)


async def test_the_keyboard_alone_is_enough(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/sign-in")
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await page.keyboard.type(account.email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/confirm")
    await expect(page.locator(".way").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/confirm/wait")
    await say_yes(page, phone)
    await expect_home(page, account)
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == "Sign out":
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("You are signed out.")).to_be_visible()


async def test_everything_works_without_javascript(chromium: Browser, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    async with await chromium.new_context(base_url=stack.url, java_script_enabled=False) as context:
        page = await context.new_page()
        await enter_password(page, account)
        await ask_by(page, "push")
        await say_yes(page, phone, scripts=False)
        await page.wait_for_url(f"{stack.url}/", timeout=15_000)
        await expect_home(page, account)
        await page.get_by_role("button", name="Sign out").click()
        await enter_password(page, account)
        await ask_by(page, "app")
        await page.get_by_label("Code").fill(await phone.app_code())
        await page.get_by_role("button", name="Confirm", exact=True).click()
        await expect_home(page, account)


async def test_the_password_can_be_shown_and_hidden(page: Page) -> None:
    await page.goto("/sign-in")
    password = page.get_by_label("Password", exact=True)
    await password.fill("open sesame")
    await page.get_by_role("button", name="Show password").click()
    await expect(password).to_have_attribute("type", "text")
    await page.get_by_role("button", name="Hide password").click()
    await expect(password).to_have_attribute("type", "password")


async def test_a_form_left_open_while_another_tab_signed_in_does_no_harm(
    page: Page, phone: Phone, stack: Stack
) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/sign-in")
    other = await page.context.new_page()
    await enter_password(other, account)
    await ask_by(other, "push")
    await say_yes(other, phone)
    await expect_home(other, account)
    await page.get_by_label("E-mail").fill(account.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()
    await expect_home(page, account)


async def test_nothing_is_fetched_from_anywhere_else(page: Page, stack: Stack) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for path in ("/sign-in", "/sign-up", "/nowhere"):
        await page.goto(path)
    assert hosts == {stack.url.removeprefix("http://")}


async def test_an_unknown_address_is_never_a_dead_end(page: Page) -> None:
    await page.goto("/nowhere")
    await expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
    await page.get_by_role("link", name="Go to the start").click()
    await expect(page).to_have_title(re.compile("Sign in"))


async def test_signing_out_here_does_not_leave_the_page_in_the_cache(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "push")
    await say_yes(page, phone)
    await expect_home(page, account)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    await page.go_back()
    await expect(page).to_have_title(re.compile("Sign in"))
    assert isinstance(account, Account)

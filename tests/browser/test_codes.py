"""Codes: from the app, by text, by call."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.phone import Phone
from tests.browser.walk import ask_by, enter_password, expect_home, make_account
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]


async def test_an_app_code_sends_itself_with_its_last_digit(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "app")
    await expect(page.get_by_label("Code")).to_be_focused()
    await page.keyboard.type(await phone.app_code())
    await expect_home(page, account)
    await expect(page.get_by_role("main")).to_contain_text("Code from an app")


async def test_a_wrong_code_tells_how_many_tries_are_left(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "app")
    right = await phone.app_code()
    wrong = "0" * 7 if right != "0" * 7 else "1" * 7
    await page.get_by_label("Code").fill(wrong)
    await expect(page.get_by_text(re.compile(r"Wrong code\. \d tries left\."))).to_be_visible()
    await expect(page.get_by_label("Code")).to_be_focused()
    await expect(page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Code").fill(await phone.app_code())
    await expect_home(page, account)


async def test_guessing_ends_with_the_last_try(page: Page, phone: Phone, stack: Stack) -> None:
    await enter_password(page, await make_account(stack.url, phone))
    await ask_by(page, "app")
    right = await phone.app_code()
    for guess in range(10):
        code = f"000000{guess}"
        if "/confirm/code" not in page.url:
            break
        if code != right:
            async with page.expect_navigation():
                await page.get_by_label("Code").fill(code)
    await expect(page).to_have_title(re.compile("Too many wrong codes"))


async def test_without_the_app_a_text_is_offered_first_and_the_push_says_why_not(
    page: Page, phone: Phone, stack: Stack
) -> None:
    await phone.has_app(False)
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await expect(page.locator(".way").first).to_contain_text("Text message")
    await expect(page.locator(".way.shut").first).to_contain_text("Needs the Authy app")
    await expect(page.locator(".way").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/confirm/code")
    await expect(page.get_by_role("button", name=re.compile("Send again in"))).to_be_disabled()
    await page.get_by_label("Code").fill(await phone.sent_code())
    await expect_home(page, account)


async def test_a_call_reads_out_a_code(page: Page, phone: Phone, stack: Stack) -> None:
    await phone.has_app(False)
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "voice")
    await expect(page.get_by_role("heading", name="Answer your phone")).to_be_visible()
    await page.get_by_label("Code").fill(await phone.sent_code())
    await expect_home(page, account)


async def test_a_text_that_authy_holds_back_points_to_the_app(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "sms")
    await expect(page.get_by_role("heading", name="Open your Authy app")).to_be_visible()
    await page.get_by_label("Code").fill(await phone.app_code())
    await expect_home(page, account)


async def test_from_the_push_to_a_code_without_starting_again(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "push")
    await page.get_by_role("button", name="Authy code").click()
    await page.wait_for_url("**/confirm/code")
    await expect(page.get_by_label("Code")).to_be_focused()
    await page.keyboard.type(await phone.app_code())
    await expect_home(page, account)


async def test_the_way_used_last_is_one_key_press_away(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "app")
    await expect(page.get_by_label("Code")).to_be_focused()
    await page.keyboard.type(await phone.app_code())
    await expect_home(page, account)
    await page.get_by_role("button", name="Sign out").click()
    await enter_password(page, account)
    await expect(page.locator(".way").first).to_contain_text("Code from the Authy app")
    await expect(page.locator(".way").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/confirm/code")

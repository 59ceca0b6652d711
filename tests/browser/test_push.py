"""Approve, deny, ignore: the push, with the page moving on by itself."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.phone import Phone
from tests.browser.walk import (
    PASSWORD,
    WAITING,
    Account,
    ask_by,
    enter_password,
    expect_home,
    forget_what_came_to_nothing,
    let_two_minutes_pass,
    make_account,
    say_yes,
    skip_codes,
)
from tools.demo.story import NUMBER
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]


async def test_a_new_person_signs_up_presses_approve_and_is_in(page: Page, phone: Phone) -> None:
    await page.goto("/")
    await page.get_by_role("link", name="Create an account").click()
    await page.get_by_label("E-mail").fill(f"new.{phone.number}@example.com")
    await page.get_by_label("Password", exact=True).fill("password1234")
    await expect(page.get_by_text("Easy to guess")).to_be_visible()
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await expect(page.get_by_text("Strong.")).to_be_visible()
    await page.get_by_label("Country").select_option("GB")
    await page.get_by_label("Phone number").fill(f"0{phone.number}")
    await page.get_by_role("button", name="Create account").click()

    await expect(page).to_have_title(re.compile("Confirm that it is you"))
    await ask_by(page, "push")
    await expect(page.get_by_role("heading", name="Type the number that your phone shows")).to_be_visible()
    await say_yes(page, phone)
    await skip_codes(page)
    await expect_home(page, Account(f"new.{phone.number}@example.com"))
    await expect(page.get_by_role("main")).to_contain_text("Approval on your phone")


async def test_page_and_phone_show_the_same_facts(page: Page, phone: Phone, stack: Stack) -> None:
    await enter_password(page, await make_account(stack.url, phone))
    await ask_by(page, "push")
    details = (await phone.pending())["details"]
    shown = await page.locator(".slip").inner_text()
    assert details
    for label, value in details.items():
        if label == NUMBER:
            assert value not in await page.content(), "the page never knew it"
        elif label != "Time":
            assert value in shown


async def test_whoever_wanted_a_protected_page_gets_it(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await page.goto("/demo/hello?from=a%20link")
    assert "/sign-in?return_to=" in page.url
    await enter_password(page, account)
    await ask_by(page, "push")
    await say_yes(page, phone)
    await page.wait_for_url("**/demo/hello?from=a%20link")


async def test_deny_says_what_follows_and_a_code_leads_to_a_new_password(
    page: Page, phone: Phone, stack: Stack
) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "push")
    await phone.deny()
    await expect(page).to_have_title(re.compile("Denied on your phone"))
    await expect(page.get_by_text("Was it not you who denied it?")).to_be_visible()
    # Nobody is as quick as a test: what is confirmed within the same second counts as confirmed before.
    await page.wait_for_timeout(1100)
    await expect(page.get_by_role("link", name="Confirm another way")).to_have_count(0)
    await page.get_by_role("link", name="Sign in again").click()
    await enter_password(page, account)
    await ask_by(page, "app")
    await page.get_by_label("Code").fill(await phone.app_code())
    await expect(page).to_have_title(re.compile("Choose a new password"))
    await page.get_by_label("New password", exact=True).fill("seven lamps under water")
    await page.get_by_role("button", name="Change password and go on").click()
    await expect_home(page, account)
    await expect(page.get_by_text("Your password is changed")).to_be_visible()


async def test_an_ignored_request_runs_out_and_can_be_sent_again(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "push")
    user = await let_two_minutes_pass(stack, phone)
    await expect(page).to_have_title(re.compile("Nobody answered"))
    await expect(page.get_by_role("button", name=re.compile("Send it again in \\d+ s"))).to_be_disabled()
    await forget_what_came_to_nothing(stack, user)
    await page.reload()
    await page.get_by_role("button", name="Send it again").click()
    await expect(page).to_have_title(WAITING)
    await say_yes(page, phone)
    await expect_home(page, account)


async def test_two_tabs_that_wait_both_move_on(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "push")
    second = await page.context.new_page()
    await second.goto("/confirm/wait")
    await expect(second).to_have_title(WAITING)
    await say_yes(page, phone)
    await expect_home(page, account)
    await expect_home(second, account)


async def test_the_back_button_after_signing_in_stays_signed_in(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "push")
    await say_yes(page, phone)
    await expect_home(page, account)
    await page.go_back()
    await expect_home(page, account)


async def test_reloading_while_waiting_sends_nothing_again(page: Page, phone: Phone, stack: Stack) -> None:
    await enter_password(page, await make_account(stack.url, phone))
    await ask_by(page, "push")
    # Shown, not only asked for: a reload in the middle of sending the form would send the form.
    await expect(page).to_have_title(WAITING)
    await page.reload()
    await page.reload()
    await expect(page).to_have_title(WAITING)
    assert len((await phone.screen())["approval_requests"]) == 1


async def test_without_events_the_page_asks_and_still_moves_on(page: Page, phone: Phone, stack: Stack) -> None:
    await page.route("**/confirm/wait/events", lambda route: route.abort())
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    await ask_by(page, "push")
    await say_yes(page, phone)
    await expect_home(page, account)


async def test_a_lost_connection_is_said_and_found_again(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await enter_password(page, account)
    lost = True

    async def unplugged(route: Route) -> None:
        await (route.abort() if lost else route.continue_())

    await page.route("**/confirm/wait/*", unplugged)
    await ask_by(page, "push")
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    lost = False
    await expect(page.get_by_text("The connection is lost.")).to_be_hidden()
    await say_yes(page, phone)
    await expect_home(page, account)


async def test_cancel_takes_the_login_back(page: Page, phone: Phone, stack: Stack) -> None:
    await enter_password(page, await make_account(stack.url, phone))
    await ask_by(page, "push")
    await page.get_by_role("button", name="Cancel signing in").click()
    await expect(page.get_by_text("Signing in was cancelled.")).to_be_visible()
    await page.goto("/confirm/wait")
    assert page.url.endswith("/sign-in")

"""Steps that many walks through the pages share."""

import re
from dataclasses import dataclass

import asyncpg
from aiohttp import ClientSession
from playwright.async_api import Page, expect
from redis.asyncio import Redis

from tests.browser.phone import Phone
from tools.devstack.stack import Stack

PASSWORD = "correct kettle orbit swan"
WAITING = re.compile(r"Waiting for your phone")
SIGNED_IN = re.compile(r"Signed in")
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
DIGITS = re.compile(r"\d")


@dataclass(frozen=True)
class Account:
    email: str
    password: str = PASSWORD


async def make_account(url: str, phone: Phone, *, with_phone: bool = True) -> Account:
    """An account by the API, its phone enrolled."""
    account = Account(f"ana.{phone.number}@example.com")
    body: dict[str, object] = {"email": account.email, "password": account.password}
    if with_phone:
        body["phone"] = {"country_code": "44", "number": phone.number}
    async with ClientSession() as http, http.post(f"{url}/v1/users", json=body) as answer:
        assert answer.status == 201, await answer.text()
    return account


async def enter_password(page: Page, account: Account) -> None:
    """From wherever the sign-in page was opened to the page after it."""
    if "/sign-in" not in page.url:
        await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(account.email)
    await page.get_by_label("Password", exact=True).fill(account.password)
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url(re.compile(r"/(confirm|enrol)$"))


async def confirm_by_push(page: Page, phone: Phone) -> None:
    """From the list of ways on: the person asks the phone, and says yes there."""
    await ask_by(page, "push")
    await phone.approve()


async def sign_in(page: Page, account: Account, phone: Phone) -> None:
    """The whole way to the home page."""
    await enter_password(page, account)
    await confirm_by_push(page, phone)
    await expect_home(page, account)


async def ask_by(page: Page, channel: str) -> None:
    """From the list of ways to the page that waits."""
    await page.locator(f'button[name="factor"][value^="{channel}-"]').click()
    await page.wait_for_url(re.compile(r"/confirm/(wait|code)$"))


async def skip_codes(page: Page) -> None:
    """After a first factor: recovery codes are offered."""
    await expect(page.get_by_role("heading", name="Keep a way back in")).to_be_visible()
    await page.get_by_role("link", name="Later").click()


async def let_the_confirmation_grow_old(stack: Stack, account: Account) -> None:
    """Moves back, in auth's tables, when this person's sessions were confirmed."""
    address = stack.environments["auth"]["COUNTERSIGN_DATABASE_URL"].replace("//auth:", "//auth_owner:")
    database = await asyncpg.connect(address)
    await database.execute(
        "UPDATE sessions SET authenticated_at = authenticated_at - interval '10 minutes'"
        " WHERE user_id = (SELECT id FROM users WHERE email = $1)",
        account.email,
    )
    await database.close()


async def let_two_minutes_pass(stack: Stack, phone: Phone) -> None:
    """Moves the birth of the push that is on the phone back, in Valkey, by the time that a person has."""
    way_back = (await phone.pending())["hidden_details"]
    key = f"twofactor:{{{way_back['login']}}}:challenge:{way_back['challenge']}"
    async with Redis.from_url(stack.environments["twofactor"]["COUNTERSIGN_REDIS_URL"]) as valkey:
        await valkey.hincrby(key, "t", -120_000)


async def expect_home(page: Page, account: Account) -> None:
    await expect(page).to_have_title(SIGNED_IN)
    await expect(page.get_by_role("main")).to_contain_text(account.email)

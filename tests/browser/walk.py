"""Steps that many walks through the pages share."""

import re
from dataclasses import dataclass
from uuid import UUID

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
    await say_yes(page, phone)


async def say_yes(page: Page, phone: Phone, *, scripts: bool = True) -> None:
    """Types the number that the phone shows, and approves there."""
    await page.get_by_label("Number on your phone").fill(await phone.number_to_type())
    if not scripts:
        await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.get_by_role("heading", name="Now approve on your phone")).to_be_visible()
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


async def let_two_minutes_pass(stack: Stack, phone: Phone) -> str:
    """Moves the birth of the push that is on the phone back, in Valkey, by the time that a person has; whose it is."""
    async with Redis.from_url(stack.environments["twofactor"]["COUNTERSIGN_REDIS_URL"]) as valkey:
        await valkey.hincrby(await _challenge_key(phone), "t", -120_000)
    return await asked(stack, phone)


async def asked(stack: Stack, phone: Phone) -> str:
    """The id of the person whose push is on the phone."""
    async with Redis.from_url(stack.environments["twofactor"]["COUNTERSIGN_REDIS_URL"]) as valkey:
        user: bytes = await valkey.hget(await _challenge_key(phone), "u")
    return str(UUID(bytes=user[1:]))


async def _challenge_key(phone: Phone) -> str:
    way_back = (await phone.pending())["hidden_details"]
    return f"twofactor:{{{way_back['login']}}}:challenge:{way_back['challenge']}"


async def forget_what_came_to_nothing(stack: Stack, user: str) -> None:
    """Lets a person's pushes rest no longer."""
    async with Redis.from_url(stack.environments["twofactor"]["COUNTERSIGN_REDIS_URL"]) as valkey:
        await valkey.delete(f"twofactor:pushes:{user}")


async def expect_home(page: Page, account: Account) -> None:
    await expect(page).to_have_title(SIGNED_IN)
    await expect(page.get_by_role("main")).to_contain_text(account.email)

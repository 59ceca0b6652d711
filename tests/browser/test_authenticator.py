"""A way in without a vendor: an authenticator app from its QR code, recovery codes, and both when the vendor is away."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.phone import Phone
from tests.browser.walk import PASSWORD, Account, ask_by, enter_password, expect_home, make_account, sign_in
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]


class App:
    """An authenticator app that has read the page's address. Each time step is good once, so it hurries ahead."""

    def __init__(self, uri: str) -> None:
        found = urlsplit(uri)
        assert (found.scheme, found.netloc) == ("otpauth", "totp")
        self.secret = parse_qs(found.query)["secret"][0]
        self.totp, self.used = pyotp.TOTP(self.secret), 0

    def code(self) -> str:
        """The earliest code that is still believed; three are, at any time."""
        self.used = max(self.used + 1, int(time.time()) // 30 - 1)
        return self.totp.at(self.used * 30)


async def scanned(page: Page) -> App:
    """The app, from what the page shows."""
    await expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    app = App(await page.get_by_role("link", name="Open it in your app").get_attribute("href") or "")
    await page.get_by_text("Type it instead").click()
    await expect(page.locator("[data-secret]")).to_have_text(re.compile(" ".join(re.findall("....", app.secret))))
    return app


async def test_without_any_phone_an_app_is_enough_and_codes_are_the_way_back(page: Page, phone: Phone) -> None:
    account = Account(f"nophone.{phone.number}@example.com")
    await page.goto("/sign-up")
    await page.get_by_label("E-mail").fill(account.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await page.get_by_role("button", name="Use an authenticator app instead").click()
    app = await scanned(page)
    await page.get_by_label("The six digits it shows now").fill("000000")
    await expect(page.get_by_text("Wrong code.")).to_be_visible()
    # With its last digit the code sends itself.
    await page.get_by_label("The six digits it shows now").fill(app.code())
    await page.get_by_role("button", name="Make recovery codes").click()
    codes = (await page.locator("[data-codes]").inner_text()).split()
    assert len(set(codes)) == 10
    await page.get_by_role("link", name="I have kept them").click()
    await expect_home(page, account)
    await expect(page.get_by_role("main")).to_contain_text("Code from an app")

    await page.get_by_role("button", name="Sign out").click()
    await enter_password(page, account)
    await ask_by(page, "totp")
    await page.get_by_label("Code").fill(app.code())
    await expect_home(page, account)

    await page.get_by_role("button", name="Sign out").click()
    await enter_password(page, account)
    await ask_by(page, "recovery")
    await page.get_by_label("Code").fill(codes[3].lower())
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.get_by_text("That recovery code is used up.")).to_be_visible()
    await expect(page.get_by_text("9 left")).to_be_visible()
    await page.get_by_role("link", name="Back to the start").click()
    await expect(page.get_by_role("main")).to_contain_text("Recovery code")


async def test_when_the_vendor_is_away_the_app_is_what_is_offered(page: Page, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone)
    await sign_in(page, account, phone)
    await page.goto("/factors")
    await page.get_by_role("button", name="Add an authenticator app").click()
    app = await scanned(page)
    await page.get_by_label("The six digits it shows now").fill(app.code())
    await expect(page.get_by_text("Your app is added.")).to_be_visible()
    await page.goto("/")
    await page.get_by_role("button", name="Sign out").click()
    await enter_password(page, account)
    away = {"rules": [{"endpoint": "approval_requests/create", "fault": "503", "count": 1}]}
    async with phone.http.put("/control/faults", json=away) as answer:
        assert answer.status < 300, await answer.text()
    await page.locator('button[name="factor"][value^="push-"]').click()
    await expect(page.get_by_role("alert")).to_contain_text("Authy does not answer")
    await expect(page.locator(".way").first).to_contain_text("Authenticator code")
    await ask_by(page, "totp")
    await page.get_by_label("Code").fill(app.code())
    await expect_home(page, account)


async def test_it_all_works_without_javascript(chromium: Browser, phone: Phone, stack: Stack) -> None:
    account = await make_account(stack.url, phone, with_phone=False)
    async with await chromium.new_context(base_url=stack.url, java_script_enabled=False) as context:
        page = await context.new_page()
        await enter_password(page, account)
        await page.get_by_role("button", name="Use an authenticator app instead").click()
        app = await scanned(page)
        await page.get_by_label("The six digits it shows now").fill(app.code())
        await page.get_by_role("button", name="Add this app").click()
        await page.get_by_role("button", name="Make recovery codes").click()
        await expect(page.locator("[data-codes]")).to_be_visible()
        await expect(page.get_by_role("button", name="Copy")).to_be_hidden()

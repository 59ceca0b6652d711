"""The pictures of README.md, from a system of their own: `python -m tests.browser.readme_pictures [wait] [phone] [home]`.

They are made small with Pillow, which the group `bench` brings: `uv sync --group bench`.
"""

import asyncio
import importlib
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from aiohttp import ClientSession
from playwright.async_api import Page, ViewportSize, async_playwright

from tests.browser.chromium import ARGUMENTS
from tests.browser.phone import Phone
from tests.browser.walk import PASSWORD, Account, ask_by, enter_password, expect_home, say_yes
from tools.browser import find
from tools.devstack.stack import Stack, running

INTO = Path(__file__).parents[2] / "docs/images"
NUMBER = "7700900123"
SCREEN = {"width": 430, "height": 760}
TALL = ViewportSize(width=430, height=900)
COLOURS = 160


async def walk(page: Page, stack: Stack, wanted: set[str]) -> None:
    """One login, looked at on its way."""
    account = Account("ada@example.com")
    body = {"email": account.email, "password": PASSWORD, "phone": {"country_code": "44", "number": NUMBER}}
    async with ClientSession() as http, http.post(f"{stack.url}/v1/users", json=body) as answer:
        assert answer.status == 201, await answer.text()
    await enter_password(page, account)
    await ask_by(page, "push")
    await take(page, "wait", wanted)
    async with Phone.new(stack.simulator_url, NUMBER) as phone:
        await phone.pending()
        if "phone" in wanted:
            other = await page.context.new_page()
            await other.set_viewport_size(TALL)
            await other.goto(f"{stack.simulator_url}/phones/44-{NUMBER}")
            await take(other, "phone", wanted)
        await say_yes(page, phone)
    await expect_home(page, account)
    await take(page, "home", wanted)


async def take(page: Page, name: str, wanted: set[str]) -> None:
    """The picture, if it is wanted."""
    if name not in wanted:
        return
    path = INTO / f"{name}.png"
    await page.screenshot(path=path)
    with suppress(ImportError):
        image = importlib.import_module("PIL.Image")
        image.open(path).convert("RGB").quantize(
            COLOURS, method=image.Quantize.MAXCOVERAGE, dither=image.Dither.NONE
        ).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1024} KiB")


async def main(stack: Stack, wanted: set[str]) -> None:
    """Light, on a phone's screen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        how = {"viewport": SCREEN, "device_scale_factor": 1.5, "color_scheme": "light", "reduced_motion": "reduce"}
        context = await browser.new_context(base_url=stack.url, **how)  # type: ignore[arg-type] # one dict, many kinds
        await walk(await context.new_page(), stack, wanted)
        await browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="cs-pictures-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data", durable=False) as started:
            asyncio.run(main(started, set(sys.argv[1:]) or {"wait", "phone", "home"}))

"""Take a picture of every sample, light and dark, phone and desktop: `python -m tests.browser.shoot [name ...]`."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, async_playwright

from tests.browser.chromium import ARGUMENTS
from tests.browser.preview import PAGES, make_app
from tools.browser import find

SCREENS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 880}}
INTO = Path("screenshots")


async def shoot(browser: Browser, base: str, names: list[str]) -> None:
    for screen, size in SCREENS.items():
        for scheme in ("light", "dark"):
            context = await browser.new_context(
                viewport=size, color_scheme=scheme, device_scale_factor=2 if screen == "phone" else 1
            )
            page = await context.new_page()
            page.on("console", lambda message: print("console:", message.text))
            page.on("pageerror", lambda error: print("error:", error))
            for name in names:
                await page.goto(f"{base}/{name}", wait_until="domcontentloaded")
                await page.wait_for_timeout(200)
                await page.screenshot(path=INTO / f"preview-{name}-{screen}-{scheme}.png", full_page=True)
            await context.close()


async def main() -> None:
    INTO.mkdir(exist_ok=True)
    chromium = find()
    runner = web.AppRunner(make_app(), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        await shoot(browser, f"http://{host}:{port}", sys.argv[1:] or list(PAGES))
        await browser.close()
    await runner.cleanup()


asyncio.run(main())

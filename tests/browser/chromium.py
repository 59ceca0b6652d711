"""One Chromium per worker, for every suite that looks at pages: each test opens a context of its own in it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tools.browser import ADVICE, find

# A host that the proxies of tests/integration/forward_auth protect: on this machine, as far as the browser knows.
PROTECTED_HOST = "app.example.com"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {PROTECTED_HOST} 127.0.0.1",
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """CHROMIUM, an installed one, or Playwright's own."""
    path = find()
    if path is None:
        pytest.fail(ADVICE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()

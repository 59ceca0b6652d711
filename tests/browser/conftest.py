"""A real Chromium against the real system; a person in it, and the phone in the person's other hand."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.phone import Phone
from tests.fakes.phone_numbers import new_number
from tools.devstack.stack import Stack

HERE = Path(__file__).parent
DESKTOP = {"width": 1280, "height": 880}
PATIENCE_MS = 10_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """BROWSER=none leaves the suite out."""
    if os.environ.get("BROWSER") != "none":
        return
    config.hook.pytest_deselected(items=[item for item in items if HERE in item.path.parents])
    items[:] = [item for item in items if HERE not in item.path.parents]


@pytest_asyncio.fixture(loop_scope="session")
async def context(chromium: Browser, stack: Stack) -> AsyncIterator[BrowserContext]:
    """A browser that was never here before."""
    async with await chromium.new_context(base_url=stack.url, viewport=DESKTOP, locale="en-GB") as fresh:
        fresh.set_default_timeout(PATIENCE_MS)
        yield fresh


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A tab. Anything that the browser complains about (a script, the content policy) fails the test."""
    complaints: list[str] = []
    opened = await context.new_page()
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    # A page that goes while it still listens cuts its own stream: that is no complaint.
    assert [text for text in complaints if not re.search(r"net::ERR_|status of 4\d\d", text)] == []


@pytest_asyncio.fixture(loop_scope="session")
async def phone(stack: Stack) -> AsyncIterator[Phone]:
    """A phone nobody has enrolled yet, with the app on it."""
    async with Phone.new(stack.simulator_url, new_number()) as new:
        yield new

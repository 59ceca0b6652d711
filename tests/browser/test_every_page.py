"""Every page and state, with the keyboard, a screen reader's tree, a narrow screen, a dark room and a quiet one.

On sample data under the gateway's own content policy (preview.py): what the pages do is walked elsewhere.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page

from tests.browser.eyes import FAINT, LIVE, MOTION, NAME_STOPS, START_BEFORE_ALL, WHERE, WIDTH
from tests.browser.preview import PAGES, make_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCREENS = {"desktop": {"width": 1280, "height": 880}, "narrow": {"width": 320, "height": 640}}
LONGEST_MOTION = 0.25
RING = 2
NOWHERE = {"stop": "", "what": "nothing", "top": 0, "bottom": 0, "left": 0, "ring": 0}
Look = Callable[[Page], Awaitable[list[str]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def samples() -> AsyncIterator[str]:
    """The address that the samples stand under."""
    runner = web.AppRunner(make_app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def faults(browser: Browser, samples: str, look: Look, **how: Any) -> dict[str, list[str]]:
    """What `look` finds wrong on which page, in a browser that is set up like this."""
    async with await browser.new_context(base_url=samples, **how) as context:
        page = await context.new_page()
        found = {}
        for name in PAGES:
            await page.goto(f"/{name}", wait_until="domcontentloaded")
            found[name] = await look(page)
    return {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize("screen", SCREENS)
async def test_tab_stops_at_everything_once_in_reading_order_and_shows_where(
    chromium: Browser, samples: str, screen: str
) -> None:
    async def walk(page: Page) -> list[str]:
        expected = await page.evaluate(NAME_STOPS)
        await page.evaluate(START_BEFORE_ALL)
        met = []
        for _ in expected:
            await page.keyboard.press("Tab")
            met.append(await page.evaluate(WHERE) or NOWHERE)
        wrong = [f"no ring on {at['what']}" for at in met if at["ring"] < RING]
        wrong += [f"{there['what']} after {here['what']}" for here, there in pairwise(met) if not _follows(here, there)]
        order = [at["stop"] for at in met]
        return wrong + ([f"stops at {order}, not at {expected}"] if order != expected else [])

    assert await faults(chromium, samples, walk, viewport=SCREENS[screen]) == {}


def _follows(here: dict[str, Any], there: dict[str, Any]) -> bool:
    """Below, or beside it on the right."""
    is_beside = there["top"] < here["bottom"] and here["top"] < there["bottom"]
    return bool(there["left"] >= here["left"] if is_beside else there["top"] >= here["top"])


async def test_whatever_can_be_reached_has_a_name_to_be_read_aloud(chromium: Browser, samples: str) -> None:
    async def listen(page: Page) -> list[str]:
        session = await page.context.new_cdp_session(page)
        tree = (await session.send("Accessibility.getFullAXTree"))["nodes"]
        await session.detach()
        return [node["role"]["value"] for node in tree if _is_mute(node)]

    assert await faults(chromium, samples, listen) == {}


def _is_mute(node: dict[str, Any]) -> bool:
    focusable = any(one["name"] == "focusable" and one["value"]["value"] for one in node.get("properties", []))
    is_page = node.get("role", {}).get("value") == "RootWebArea"
    return focusable and not is_page and not node["ignored"] and not node.get("name", {}).get("value")


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("sign-in-wrong", {"alert"}),
        ("signed-out", {"status"}),
        ("sign-up", {"status"}),
        ("confirm-no-app", {"alert"}),
        ("wait", {"status"}),
        ("code-sms", {"status"}),
        ("denied", {"status"}),
        ("home-news", {"status"}),
        ("sessions-one", {"status"}),
        ("sessions-away", {"alert"}),
        ("password", {"status"}),
        ("again-wrong", {"alert"}),
        ("factors-one", {"status"}),
    ],
)
async def test_news_and_refusals_are_announced(chromium: Browser, samples: str, name: str, roles: set[str]) -> None:
    async with await chromium.new_context(base_url=samples) as context:
        page = await context.new_page()
        await page.goto(f"/{name}", wait_until="domcontentloaded")
        assert set(await page.evaluate(LIVE)) >= roles


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_text_and_edges_stand_out_as_wcag_aa_wants(
    chromium: Browser, samples: str, scheme: Any, screen: str
) -> None:
    async def look(page: Page) -> list[str]:
        found: list[str] = await page.evaluate(FAINT)
        return found

    how = {"color_scheme": scheme, "viewport": SCREENS[screen], "reduced_motion": "reduce"}
    assert await faults(chromium, samples, look, **how) == {}


async def test_nothing_scrolls_sideways_at_320_pixels(chromium: Browser, samples: str) -> None:
    async def measure(page: Page) -> list[str]:
        width = await page.evaluate(WIDTH)
        return [] if width <= SCREENS["narrow"]["width"] else [f"{width} px"]

    assert await faults(chromium, samples, measure, viewport=SCREENS["narrow"]) == {}


@pytest.mark.parametrize(("wish", "most"), [("reduce", 0.0), ("no-preference", LONGEST_MOTION)])
async def test_motion_is_brief_and_there_is_none_for_who_wants_none(
    chromium: Browser, samples: str, wish: Any, most: float
) -> None:
    async def watch(page: Page) -> list[str]:
        seconds = await page.evaluate(MOTION)
        return [f"{seconds} s"] if seconds > most else []

    assert await faults(chromium, samples, watch, reduced_motion=wish) == {}

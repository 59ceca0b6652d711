"""Every page and state, with the keyboard, a screen reader's tree, a narrow screen, a dark room and a quiet one.

On sample data under the gateway's own content policy (preview.py): what the pages do is walked elsewhere.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, CDPSession, Page

from tests.browser.eyes import FAINT, LIVE, MOTION, NAME_STOPS, NOTE_WHERE, START_BEFORE_ALL, WHERE_IT_WAS, WIDTH
from tests.browser.preview import PAGES, make_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCREENS = {"desktop": {"width": 1280, "height": 880}, "narrow": {"width": 320, "height": 640}}
LONGEST_MOTION = 0.25
RING = 2


@dataclass
class Seen:
    """What was seen on which page: `keyboard["sign-in"]` is what is wrong there for the keyboard."""

    keyboard: dict[str, list[str]] = field(default_factory=dict)
    mute: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)
    faint: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    width: dict[str, int] = field(default_factory=dict)
    motion: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def samples() -> AsyncIterator[str]:
    """The address that the samples stand under."""
    runner = web.AppRunner(make_app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=SCREENS)
async def seen(request: pytest.FixtureRequest, chromium: Browser, samples: str) -> Seen:
    """Each page is opened once per screen and looked at in every way: it is the opening that takes the time."""
    seen = Seen()
    screen: Any = SCREENS[request.param]
    async with await chromium.new_context(base_url=samples, viewport=screen) as context:
        page = await context.new_page()
        reader = await context.new_cdp_session(page)
        for name in PAGES:
            await page.emulate_media(color_scheme="light", reduced_motion="reduce")
            await page.goto(f"/{name}", wait_until="domcontentloaded")
            await _look(page, reader, seen, name)
    return seen


async def _look(page: Page, reader: CDPSession, seen: Seen, name: str) -> None:
    """The walk with the keyboard comes last: it leaves marks."""
    seen.roles[name] = set(await page.evaluate(LIVE))
    seen.mute[name] = await _listen(reader)
    seen.width[name] = await page.evaluate(WIDTH)
    seen.faint["light"][name] = await page.evaluate(FAINT)
    seen.motion["reduce"][name] = await page.evaluate(MOTION)
    await page.emulate_media(color_scheme="dark")
    seen.faint["dark"][name] = await page.evaluate(FAINT)
    await page.emulate_media(reduced_motion="no-preference")
    seen.motion["no-preference"][name] = await page.evaluate(MOTION)
    seen.keyboard[name] = await _walk(page)


async def _listen(reader: CDPSession) -> list[str]:
    tree = (await reader.send("Accessibility.getFullAXTree"))["nodes"]
    return [node["role"]["value"] for node in tree if _is_mute(node)]


def _is_mute(node: dict[str, Any]) -> bool:
    focusable = any(one["name"] == "focusable" and one["value"]["value"] for one in node.get("properties", []))
    is_page = node.get("role", {}).get("value") == "RootWebArea"
    return focusable and not is_page and not node["ignored"] and not node.get("name", {}).get("value")


async def _walk(page: Page) -> list[str]:
    expected = await page.evaluate(NAME_STOPS)
    await page.evaluate(START_BEFORE_ALL)
    await page.evaluate(NOTE_WHERE)
    for _ in expected:
        await page.keyboard.press("Tab")
    met = await page.evaluate(WHERE_IT_WAS)
    wrong = [f"no ring on {at['what']}" for at in met if at["ring"] < RING]
    wrong += [f"{there['what']} after {here['what']}" for here, there in pairwise(met) if not _follows(here, there)]
    order = [at["stop"] for at in met]
    return wrong + ([f"stops at {order}, not at {expected}"] if order != expected else [])


def _follows(here: dict[str, Any], there: dict[str, Any]) -> bool:
    """Below, or beside it on the right."""
    is_beside = there["top"] < here["bottom"] and here["top"] < there["bottom"]
    return bool(there["left"] >= here["left"] if is_beside else there["top"] >= here["top"])


def _where(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The pages where something is wrong, of all pages."""
    assert found.keys() == PAGES.keys()
    return {name: wrong for name, wrong in found.items() if wrong}


async def test_tab_stops_at_everything_once_in_reading_order_and_shows_where(seen: Seen) -> None:
    assert _where(seen.keyboard) == {}


async def test_whatever_can_be_reached_has_a_name_to_be_read_aloud(seen: Seen) -> None:
    assert _where(seen.mute) == {}


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
async def test_news_and_refusals_are_announced(seen: Seen, name: str, roles: set[str]) -> None:
    assert seen.roles[name] >= roles


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_and_edges_stand_out_as_wcag_aa_wants(seen: Seen, scheme: str) -> None:
    assert _where(seen.faint[scheme]) == {}


@pytest.mark.parametrize("seen", ["narrow"], indirect=True)
async def test_nothing_scrolls_sideways_at_320_pixels(seen: Seen) -> None:
    most = SCREENS["narrow"]["width"]
    assert {name: width for name, width in seen.width.items() if width > most} == {}


@pytest.mark.parametrize(("wish", "most"), [("reduce", 0.0), ("no-preference", LONGEST_MOTION)])
async def test_motion_is_brief_and_there_is_none_for_who_wants_none(seen: Seen, wish: str, most: float) -> None:
    assert {name: seconds for name, seconds in seen.motion[wish].items() if seconds > most} == {}

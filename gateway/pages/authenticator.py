"""Enrol an authenticator app: a picture to scan, then its first code. In a login without a factor, and from inside."""

from aiohttp import web

from gateway.model.enrolling import PendingApp
from gateway.model.errors import EnrolmentOver
from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.code import require_code
from gateway.pages.handling import Typed, form, page
from gateway.pages.inside import require_young, signed_in
from gateway.pages.notes import Note
from gateway.pages.qr import qr_svg
from gateway.pages.recovery import offer_codes
from gateway.pages.steps import SignedIn
from gateway.pages.views import Scan
from gateway.pages.wait import finish

FIRST, LATER = "/enrol/app", "/factors/app"


@form("/enrol")
async def begin_first(browser: Browser, _typed: Typed) -> web.Response:
    """POST /enrol/app/begin."""
    await _begin(browser, browser.require_login().token)
    return browser.go(FIRST)


@page
async def show_first(browser: Browser) -> web.Response:
    """GET /enrol/app."""
    browser.require_login()
    return _shown(browser, "enrol_app.html", "/enrol")


@form(FIRST)
async def send_first(browser: Browser, typed: Typed) -> web.StreamResponse:
    """POST /enrol/app: the first code, which confirms this login too."""
    is_in = await _confirm(browser, browser.require_login().token, typed)
    await offer_codes(browser)
    return await finish(browser, typed) if is_in else browser.go("/confirm")


@form("/factors")
@signed_in("/factors")
async def begin_later(browser: Browser, here: SignedIn, _typed: Typed) -> web.Response:
    """POST /factors/app/begin."""
    require_young(browser, here)
    await _begin(browser, here.token)
    return browser.go(LATER)


@page
@signed_in("/factors")
async def show_later(browser: Browser, _here: SignedIn) -> web.Response:
    """GET /factors/app."""
    return _shown(browser, "add_app.html", "/factors")


@form(LATER)
@signed_in("/factors")
async def send_later(browser: Browser, here: SignedIn, typed: Typed) -> web.Response:
    """POST /factors/app: the first code."""
    await _confirm(browser, here.token, typed)
    return browser.go("/factors", Note(news=words.news("app_added")))


async def _begin(browser: Browser, token: str) -> None:
    # Begun already, in another tab perhaps: the same picture, or what was just scanned would be worth nothing.
    if _pending(browser) is None:
        await browser.become(browser.visit.with_app(await browser.steps.second_factor.begin_app(token)))


def _shown(browser: Browser, template: str, start: str) -> web.Response:
    app = _pending(browser)
    if app is None:
        return browser.go(start, Note(problem=browser.note.problem))
    scan = Scan(qr_svg(app.uri), app.uri, app.secret)
    return browser.show(template, form=browser.note.form(), scan=scan)


async def _confirm(browser: Browser, token: str, typed: Typed) -> bool:
    app, code = _pending(browser), require_code(typed.code)
    if app is None:
        raise EnrolmentOver
    try:
        is_in = await browser.steps.second_factor.confirm_app(token, app, code, browser.client)
    except EnrolmentOver:
        await browser.become(browser.visit.with_app(None))
        raise
    await browser.become(browser.visit.with_app(None))
    return is_in


def _pending(browser: Browser) -> PendingApp | None:
    app = browser.visit.app
    return None if app is None or app.is_over(browser.steps.clock()) else app

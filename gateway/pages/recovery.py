"""Recovery codes: offered after the first enrolment, made anew from inside. They stand on one page, once."""

from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.inside import require_young, signed_in
from gateway.pages.return_to import local_path
from gateway.pages.showing_inside import codes_left
from gateway.pages.steps import SignedIn

PLACE = "/factors/recovery"


def _place(typed: Typed) -> str:
    return f"{PLACE}?{urlencode({'return_to': local_path(typed.return_to)})}" if typed.return_to else PLACE


async def offer_codes(browser: Browser) -> None:
    """After a first factor: once the login is confirmed it leads here, and from here where the person wanted to go."""
    offered = f"{PLACE}?{urlencode({'return_to': browser.visit.return_to})}"
    await browser.become(replace(browser.visit, return_to=offered))


@page
@signed_in(PLACE)
async def show(browser: Browser, here: SignedIn) -> web.Response:
    """GET /factors/recovery: what they are for, and how many are left."""
    require_young(browser, here)
    left = codes_left(await browser.steps.second_factor.factors(here.token))
    wanted = browser.request.query.get("return_to", "")
    then = local_path(wanted) if wanted else ""
    return browser.show("recovery.html", left=left, then=then, problem=browser.note.problem)


@form(_place)
@signed_in(PLACE)
async def make(browser: Browser, here: SignedIn, typed: Typed) -> web.Response:
    """POST /factors/recovery: the codes, in the answer itself: no redirect could carry them, and nothing keeps them."""
    codes = await browser.steps.second_factor.recovery_codes(here.token)
    then = local_path(typed.return_to) if typed.return_to else "/factors"
    return browser.show("recovery_codes.html", codes=codes, then=then)

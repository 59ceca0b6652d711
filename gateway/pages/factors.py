"""What a person confirms with: see it, add a phone, remove something."""

from aiohttp import web

from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.countries import COUNTRIES, likely_region
from gateway.pages.handling import Typed, form, page
from gateway.pages.inside import require_young, signed_in
from gateway.pages.notes import Note
from gateway.pages.phone import require_phone
from gateway.pages.showing_inside import FactorRow, codes_left, rows
from gateway.pages.steps import SignedIn

PLACE, ADD, REMOVE = "/factors", "/factors/add", "/factors/remove"


@page
@signed_in(PLACE)
async def show(browser: Browser, here: SignedIn) -> web.Response:
    """GET /factors."""
    factors = await browser.steps.second_factor.factors(here.token)
    shown = rows(factors)
    return browser.show("factors.html", rows=shown, left=codes_left(factors), problem=browser.note.problem)


@page
@signed_in(ADD)
async def show_add(browser: Browser, here: SignedIn) -> web.Response:
    """GET /factors/add."""
    require_young(browser, here)
    region = likely_region(browser.request.headers.get("Accept-Language", ""))
    return browser.show("add_factor.html", form=browser.note.form(country=region), countries=COUNTRIES.values())


@form(ADD, keeps=("country", "phone"))
@signed_in(ADD)
async def add(browser: Browser, here: SignedIn, typed: Typed) -> web.Response:
    """POST /factors/add."""
    phone = require_phone(typed.country, typed.phone)
    await browser.steps.second_factor.enrol(here.token, phone.country_code, phone.number)
    return browser.go(PLACE, Note(news=words.news("phone_added")))


@page
@signed_in(PLACE)
async def show_remove(browser: Browser, here: SignedIn) -> web.Response:
    """GET /factors/remove?factor=...: what it would mean."""
    require_young(browser, here)
    row = _named(await _rows(browser, here), browser.request.query.get("factor", ""))
    if row is None or row.is_needed:
        return browser.go(PLACE)
    return browser.show("remove_factor.html", row=row)


@form(PLACE)
@signed_in(PLACE)
async def remove(browser: Browser, here: SignedIn, typed: Typed) -> web.Response:
    """POST /factors/remove: never the last one that works."""
    row = _named(await _rows(browser, here), typed.factor)
    if row is not None and row.is_needed:
        return browser.go(PLACE, Note(problem=words.problem("only_phone")))
    if row is not None:
        await browser.steps.second_factor.remove(here.token, row.factor)
    return browser.go(PLACE, Note(news=words.news("factor_removed")))


async def _rows(browser: Browser, here: SignedIn) -> list[FactorRow]:
    return rows(await browser.steps.second_factor.factors(here.token))


def _named(found: list[FactorRow], factor: str) -> FactorRow | None:
    return next((row for row in found if row.factor == factor), None)

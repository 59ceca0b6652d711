"""The phones that a person confirms with: see them, add another, remove one."""

from aiohttp import web

from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.countries import COUNTRIES, likely_region
from gateway.pages.handling import Typed, form, page
from gateway.pages.inside import require_young, signed_in
from gateway.pages.notes import Note
from gateway.pages.phone import require_phone
from gateway.pages.showing_inside import PhoneRow, phones
from gateway.pages.steps import SignedIn

PLACE, ADD, REMOVE = "/factors", "/factors/add", "/factors/remove"


@page
@signed_in(PLACE)
async def show(browser: Browser, here: SignedIn) -> web.Response:
    """GET /factors."""
    return browser.show("factors.html", phones=await _phones(browser, here), problem=browser.note.problem)


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
    phone = _named(await _phones(browser, here), browser.request.query.get("factor", ""))
    if phone is None or phone.is_needed:
        return browser.go(PLACE)
    return browser.show("remove_factor.html", phone=phone)


@form(PLACE)
@signed_in(PLACE)
async def remove(browser: Browser, here: SignedIn, typed: Typed) -> web.Response:
    """POST /factors/remove: never the last one that works."""
    phone = _named(await _phones(browser, here), typed.factor)
    if phone is not None and phone.is_needed:
        return browser.go(PLACE, Note(problem=words.problem("only_phone")))
    if phone is not None:
        await browser.steps.second_factor.remove(here.token, phone.factor)
    return browser.go(PLACE, Note(news=words.news("phone_removed")))


async def _phones(browser: Browser, here: SignedIn) -> list[PhoneRow]:
    return phones(await browser.steps.second_factor.factors(here.token))


def _named(rows: list[PhoneRow], factor: str) -> PhoneRow | None:
    return next((row for row in rows if row.factor == factor), None)

"""Enrol a phone (or go on to an app): for a login that still lacks its second factor."""

from aiohttp import web

from gateway.pages.browser import Browser
from gateway.pages.countries import COUNTRIES, likely_region
from gateway.pages.handling import Typed, form, page
from gateway.pages.phone import require_phone
from gateway.pages.recovery import offer_codes


@page
async def show(browser: Browser) -> web.Response:
    """GET /enrol."""
    browser.require_login()
    region = likely_region(browser.request.headers.get("Accept-Language", ""))
    return browser.show("enrol.html", form=browser.note.form(country=region), countries=COUNTRIES.values())


@form("/enrol", keeps=("country", "phone"))
async def send(browser: Browser, typed: Typed) -> web.Response:
    """POST /enrol."""
    login = browser.require_login()
    phone = require_phone(typed.country, typed.phone)
    await browser.steps.second_factor.enrol(login.token, phone.country_code, phone.number)
    await offer_codes(browser)
    return browser.go("/confirm")

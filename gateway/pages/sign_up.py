"""Sign up: an account that can be confirmed."""

from dataclasses import replace

from aiohttp import web

from gateway.model.errors import InvalidInput
from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.countries import COUNTRIES, likely_region
from gateway.pages.handling import Typed, form, kept, page
from gateway.pages.notes import Note
from gateway.pages.password import length_fault
from gateway.pages.phone import Phone, require_phone
from gateway.pages.recovery import offer_codes
from gateway.pages.refusals import told
from gateway.pages.return_to import local_path, onward

KEEPS = ("email", "country", "phone")


@page
async def show(browser: Browser) -> web.Response:
    """GET /sign-up."""
    return_to = local_path(browser.request.query.get("return_to"))
    return browser.show(
        "sign_up.html",
        form=browser.note.form(country=likely_region(browser.request.headers.get("Accept-Language", ""))),
        countries=COUNTRIES.values(),
        return_to=return_to,
        onward=onward(return_to),
    )


@form(lambda typed: f"/sign-up{onward(local_path(typed.return_to))}", keeps=KEEPS)
async def send(browser: Browser, typed: Typed) -> web.Response:
    """POST /sign-up: the account, and its phone if there is one. The account stands even if the phone is refused."""
    phone = require_sound(typed)
    given = (phone.country_code, phone.number) if phone else None
    begun = await browser.steps.sign_up(typed.email, typed.password, browser.client, given)
    await browser.begin(begun.partial, typed.email, typed.return_to)
    if begun.enrolment is not None:
        return browser.go("/enrol", replace(told(begun.enrolment) or Note(), kept=kept(typed, ("country", "phone"))))
    if phone is None:
        return browser.go("/enrol")
    await offer_codes(browser)
    return browser.go("/confirm")


def require_sound(typed: Typed) -> Phone | None:
    """All that can be seen wrong without asking anyone, said at once; raises `InvalidInput`."""
    faults: dict[str, str] = {}
    if "@" not in typed.email:
        faults["email"] = words.wrong("email_invalid")
    if fault := length_fault(typed.password):
        faults["password"] = words.wrong(fault)
    try:
        phone = require_phone(typed.country, typed.phone) if typed.phone.strip() else None
    except InvalidInput as wrong:
        raise InvalidInput({**faults, **wrong.errors}) from None
    if faults:
        raise InvalidInput(faults)
    return phone

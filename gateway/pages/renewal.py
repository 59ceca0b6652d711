"""Choose a new password on the way in: both factors were right, and somebody else knows the old one."""

from aiohttp import web

from gateway.model.errors import InvalidInput, NotSignedIn
from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.notes import Note
from gateway.pages.password import length_fault
from gateway.pages.wait import let_in

PLACE = "/password/new"


@page
async def show(browser: Browser) -> web.Response:
    """GET /password/new: for who has just confirmed; everybody else is led home."""
    require_renewal(browser)
    return browser.show("new_password.html", form=browser.note.form())


@form(PLACE)
async def send(browser: Browser, typed: Typed) -> web.Response:
    """POST /password/new: it holds from now on, and opens the session that was waited for."""
    token = require_renewal(browser)
    if fault := length_fault(typed.password):
        raise InvalidInput({"password": words.wrong(fault)})
    tokens = await browser.inside.credentials.renew_password(token, typed.password, browser.client)
    return await let_in(browser, tokens, Note(news=words.news("password_changed")))


def require_renewal(browser: Browser) -> str:
    """The permission that this browser has; raises `NotSignedIn`."""
    if not browser.visit.renewal:
        raise NotSignedIn
    return browser.visit.renewal

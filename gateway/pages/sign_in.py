"""Sign in with the first factor, and sign out."""

from contextlib import suppress

from aiohttp import web

from gateway.model.errors import PeerUnavailable
from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.notes import Note
from gateway.pages.return_to import local_path
from gateway.pages.sign_up import onward


@page
async def show(browser: Browser) -> web.Response:
    """GET /sign-in. Who is signed in already goes on."""
    return_to = local_path(browser.request.query.get("return_to"))
    # Not what the visit remembers: a session that was revoked meanwhile would send the person round in a circle.
    if await browser.inside.session_of(browser.visit) is not None:
        return browser.go(return_to)
    return browser.show("sign_in.html", form=browser.note.form(), return_to=return_to, onward=onward(return_to))


@form("/sign-in", keeps=("email",))
async def send(browser: Browser, typed: Typed) -> web.Response:
    """POST /sign-in: the password. What comes next depends on whether a phone is enrolled."""
    begun = await browser.steps.sign_in(typed.email, typed.password, browser.client)
    await browser.begin(begun.partial, typed.email, typed.return_to)
    return browser.go("/confirm" if begun.factors else "/enrol")


@form("/sign-in")
async def sign_out(browser: Browser, _typed: Typed) -> web.Response:
    """POST /sign-out: the session ends here, and at auth."""
    tokens = browser.visit.tokens
    await browser.leave()
    if tokens is not None:
        # With auth away the person is signed out all the same: nobody holds the tokens any more.
        with suppress(PeerUnavailable):
            await browser.inside.credentials.end_session(tokens.refresh_token)
    return browser.go("/sign-in", Note(news=words.news("signed_out")))

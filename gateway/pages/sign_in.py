"""Sign in with the first factor, once more if it was too long ago, and sign out."""

from contextlib import suppress

from aiohttp import web

from gateway.model.errors import PeerUnavailable
from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.notes import Note
from gateway.pages.return_to import FRESH, local_path, onward, sign_in_path


@page
async def show(browser: Browser) -> web.Response:
    """GET /sign-in. Who is signed in already goes on, unless `reason=fresh` says that it has to be proved once more."""
    query = browser.request.query
    return_to = local_path(query.get("return_to"))
    # Not what the visit remembers: a session that was revoked meanwhile would send the person round in a circle.
    if await browser.session() is None:
        return browser.show("sign_in.html", form=browser.note.form(), return_to=return_to, onward=onward(return_to))
    if query.get("reason") != FRESH:
        return browser.go(return_to)
    return browser.show("again.html", form=browser.note.form(), return_to=return_to, why=words.why_again(return_to))


def back(typed: Typed) -> str:
    """The sign-in page as it was when its form was sent."""
    return sign_in_path(local_path(typed.return_to), again=typed.reason == FRESH)


@form(back, keeps=("email",))
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

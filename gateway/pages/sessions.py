"""What is open: see where one is signed in, and end it."""

from aiohttp import web

from gateway.pages import showing_inside, words
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.inside import signed_in
from gateway.pages.notes import Note
from gateway.pages.steps import SignedIn

PLACE = "/sessions"


@page
@signed_in(PLACE)
async def show(browser: Browser, here: SignedIn) -> web.Response:
    """GET /sessions."""
    found = await browser.inside.credentials.sessions(here.token)
    rows = showing_inside.sessions(found, browser.steps.clock())
    return browser.show("sessions.html", sessions=rows, problem=browser.note.problem)


@form(PLACE)
@signed_in(PLACE)
async def end_one(browser: Browser, here: SignedIn, typed: Typed) -> web.Response:
    """POST /sessions/end: that one; to end this one is to sign out."""
    await browser.inside.credentials.end_one(here.token, typed.session)
    if typed.session == here.identity.session:
        return await _out(browser, "signed_out")
    return browser.go(PLACE, Note(news=words.news("session_ended")))


@form(PLACE)
@signed_in(PLACE)
async def end_others(browser: Browser, here: SignedIn, _typed: Typed) -> web.Response:
    """POST /sessions/end-others: all but this one."""
    await browser.inside.credentials.end_many(here.token, this_one_too=False)
    return browser.go(PLACE, Note(news=words.news("others_ended")))


@form(PLACE)
@signed_in(PLACE)
async def end_all(browser: Browser, here: SignedIn, _typed: Typed) -> web.Response:
    """POST /sessions/end-all: this one too."""
    await browser.inside.credentials.end_many(here.token, this_one_too=True)
    return await _out(browser, "signed_out_everywhere")


@form(PLACE)
@signed_in(PLACE)
async def not_me(browser: Browser, here: SignedIn, _typed: Typed) -> web.Response:
    """POST /sessions/not-me: somebody else was at this account. All sessions end, this one too."""
    await browser.steps.second_factor.disavow(here.token)
    return await _out(browser, "disavowed")


async def _out(browser: Browser, news: str) -> web.Response:
    await browser.leave()
    return browser.go("/sign-in", Note(news=words.news(news)))

"""How a page is reached: `@page` for those that are looked at, `@form` for those that are sent.

Both meet the browser, run the page, and turn refusals into the next page, so that pages hold their own story alone.
"""

import functools
from collections.abc import Awaitable, Callable

from aiohttp import web

from chassis.bodies import Body, read_form
from gateway.model.errors import Refusal
from gateway.model.visit import COOKIE_NAME
from gateway.pages import notes, words
from gateway.pages.browser import SITE, Browser
from gateway.pages.guard import FORM_COOKIE, require_same_site
from gateway.pages.notes import Note
from gateway.pages.refusals import detour, told


class Typed(Body):
    """All that the forms of the pages may carry, as text; what a form does not have is empty."""

    csrf: str = ""
    return_to: str = ""
    email: str = ""
    password: str = ""
    country: str = ""
    phone: str = ""
    channel: str = ""
    code: str = ""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Shows = Callable[[Browser], Awaitable[web.StreamResponse]]
Acts = Callable[[Browser, Typed], Awaitable[web.StreamResponse]]


async def meet(request: web.Request) -> Browser:
    """Who this is, from its cookies."""
    site = request.app[SITE]
    return Browser(
        request=request,
        site=site,
        visit=await site.sessions.load(request.cookies.get(COOKIE_NAME)),
        client=site.client_of(request),
        note=notes.read(request.cookies.get(notes.COOKIE), request.path),
        form_cookie=request.cookies.get(FORM_COOKIE, ""),
    )


def page(shows: Shows) -> Handler:
    """A page that is looked at."""

    @functools.wraps(shows)
    async def handler(request: web.Request) -> web.StreamResponse:
        browser = await meet(request)
        try:
            return await shows(browser)
        except Refusal as refusal:
            return _lead_on(browser, refusal)

    return handler


def form(back: str, *, keeps: tuple[str, ...] = ()) -> Callable[[Acts], Handler]:
    """A form that is sent; a refusal goes back to the page `back`, which gets what was typed in `keeps`."""

    def wrap(acts: Acts) -> Handler:
        answered = answering(back, keeps=keeps)(acts)

        @functools.wraps(acts)
        async def handler(request: web.Request) -> web.StreamResponse:
            require_same_site(request, request.app[SITE].origin)
            typed = await read_form(request, Typed)
            browser = await meet(request)
            if not browser.owns(typed.csrf):
                return browser.go(back, Note(problem=words.problem("form_outdated"), kept=kept(typed, keeps)))
            return await answered(browser, typed)

        return handler

    return wrap


def answering(back: str, *, keeps: tuple[str, ...] = ()) -> Callable[[Acts], Acts]:
    """Part of a form's work, whose refusals go to the page `back`."""

    def wrap(acts: Acts) -> Acts:
        @functools.wraps(acts)
        async def answered(browser: Browser, typed: Typed) -> web.StreamResponse:
            try:
                return await acts(browser, typed)
            except Refusal as refusal:
                note = None if detour(refusal) else told(refusal)
                if note is None:
                    return _lead_on(browser, refusal)
                return browser.go(back, Note(problem=note.problem, errors=note.errors, kept=kept(typed, keeps)))

        return answered

    return wrap


def kept(typed: Typed, keeps: tuple[str, ...]) -> dict[str, str]:
    """What was typed into these fields."""
    return {name: value for name in keeps if (value := str(getattr(typed, name)))}


def _lead_on(browser: Browser, refusal: Refusal) -> web.Response:
    place = detour(refusal)
    if place is None:
        raise refusal
    path, news = place
    return browser.go(path, Note(news=words.news(news)) if news else None)

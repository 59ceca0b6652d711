"""How a page is reached: `@page` for those that are looked at, `@form` for those that are sent.

Both meet the browser, run the page, and turn refusals into the next page, so that pages hold their own story alone.
"""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from chassis.bodies import Body, read_form
from gateway.model.errors import Refusal
from gateway.model.visit import COOKIE_NAME
from gateway.pages import notes, words
from gateway.pages.browser import SITE, Browser
from gateway.pages.guard import FORM_COOKIE, require_document, require_same_site
from gateway.pages.notes import Note
from gateway.pages.refusals import SIGN_IN, detour, told
from gateway.pages.return_to import sign_in_path


class Typed(Body):
    """All that the forms of the pages may carry, as text; what a form does not have is empty."""

    csrf: str = ""
    return_to: str = ""
    reason: str = ""
    email: str = ""
    password: str = ""
    current_password: str = ""
    country: str = ""
    phone: str = ""
    channel: str = ""
    code: str = ""
    session: str = ""
    factor: str = ""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Shows = Callable[[Browser], Awaitable[web.StreamResponse]]
Acts = Callable[[Browser, Typed], Awaitable[web.StreamResponse]]
Back = str | Callable[[Typed], str]


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
        require_document(request)
        browser = await meet(request)
        try:
            return await shows(browser)
        except Refusal as refusal:
            return _lead_on(browser, refusal)

    return handler


def form(back: Back, *, keeps: tuple[str, ...] = ()) -> Callable[[Acts], Handler]:
    """A form that is sent; a refusal goes back to the page `back`, which gets what was typed in `keeps`.

    Where the page's own address holds something, `back` makes it from what was sent.
    """

    def wrap(acts: Acts) -> Handler:
        answered = answering(back, keeps=keeps)(acts)

        @functools.wraps(acts)
        async def handler(request: web.Request) -> web.StreamResponse:
            require_same_site(request, request.app[SITE].origin)
            require_document(request)
            typed = await read_form(request, Typed)
            browser = await meet(request)
            if not browser.owns(typed.csrf):
                note = Note(problem=words.problem("form_outdated"), kept=kept(typed, keeps))
                return browser.go(_place(back, typed), note)
            return await answered(browser, typed)

        return handler

    return wrap


def answering(back: Back, *, keeps: tuple[str, ...] = ()) -> Callable[[Acts], Acts]:
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
                return browser.go(_place(back, typed), replace(note, kept=kept(typed, keeps)))

        return answered

    return wrap


def _place(back: Back, typed: Typed) -> str:
    return back if isinstance(back, str) else back(typed)


def kept(typed: Typed, keeps: tuple[str, ...]) -> dict[str, str]:
    """What was typed into these fields."""
    return {name: value for name in keeps if (value := str(getattr(typed, name)))}


def _lead_on(browser: Browser, refusal: Refusal) -> web.Response:
    place = detour(refusal)
    if place is None:
        raise refusal
    path, news = place
    if path == SIGN_IN and browser.visit.is_signed_in:
        # The time to confirm once more ran out: the session stands, only this is to be begun anew.
        path = sign_in_path(browser.visit.return_to, again=True)
    return browser.go(path, Note(news=words.news(news)) if news else None)

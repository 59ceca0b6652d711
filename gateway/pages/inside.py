"""Pages for who is signed in. Everybody else signs in first and comes back; so does who has to prove it once more."""

import functools
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec

from aiohttp import web

from gateway.model.errors import FreshLoginNeeded, TokenRefused
from gateway.pages.browser import Browser
from gateway.pages.return_to import sign_in_path
from gateway.pages.steps import SignedIn

# auth and twofactor want a confirmation of the last five minutes: so two minutes are left to type in.
YOUNG = 3 * 60.0
P = ParamSpec("P")
Answer = Awaitable[web.StreamResponse]


def signed_in(
    place: str,
) -> Callable[[Callable[Concatenate[Browser, SignedIn, P], Answer]], Callable[Concatenate[Browser, P], Answer]]:
    """Below `@page` or `@form`: the page gets to know who is signed in. `place` is where a form of it stands."""

    def wrap(acts: Callable[Concatenate[Browser, SignedIn, P], Answer]) -> Callable[Concatenate[Browser, P], Answer]:
        @functools.wraps(acts)
        async def met(browser: Browser, /, *args: P.args, **kwargs: P.kwargs) -> web.StreamResponse:
            here = await browser.session()
            back = browser.request.path_qs if browser.request.method == "GET" else place
            if here is None:
                return browser.go_and_sign_in(back)
            try:
                return await acts(browser, here, *args, **kwargs)
            except TokenRefused:
                # Ended from elsewhere, and auth heard of it before we did.
                await browser.leave()
                browser.is_over = True
                return browser.go_and_sign_in(back)
            except FreshLoginNeeded:
                return browser.go(sign_in_path(back, again=True))

        return met

    return wrap


def require_young(browser: Browser, here: SignedIn) -> None:
    """Before a form is shown that will need it; raises `FreshLoginNeeded` for a confirmation that is growing old."""
    if here.identity.age(browser.steps.clock()) > YOUNG:
        raise FreshLoginNeeded

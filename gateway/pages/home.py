"""Home: who is signed in, how that was proved, and what stands open."""

from aiohttp import web

from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.handling import page
from gateway.pages.views import Home


@page
async def show(browser: Browser) -> web.Response:
    """GET /: home for who is signed in, the sign-in page for everybody else."""
    here = await browser.session()
    if here is None:
        return browser.go_and_sign_in()
    session = here.identity
    home = Home(
        email=browser.visit.email,
        methods=words.methods(session.amr),
        assurance=words.assurance(session.acr),
        since=session.auth_time,
        doors=browser.inside.doors_of(browser.request.host, session),
    )
    return browser.show("home.html", home=home)

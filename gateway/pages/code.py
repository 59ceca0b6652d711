"""Enter a code: from the app, a text or a call."""

from aiohttp import web

from gateway.model.challenge import Status
from gateway.model.errors import InvalidInput
from gateway.pages import showing, words
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.wait import finish, standing

MIN_DIGITS, MAX_DIGITS = 6, 12


@page
async def show(browser: Browser) -> web.Response:
    """GET /confirm/code."""
    challenge = await standing(browser)
    if challenge.status is not Status.PENDING or challenge.channel == "push":
        return browser.go("/confirm/wait")
    asking = showing.asking(challenge, browser.site.service, browser.steps.clock())
    return browser.show("code.html", form=browser.note.form(), asking=asking)


@form("/confirm/code")
async def send(browser: Browser, typed: Typed) -> web.StreamResponse:
    """POST /confirm/code: the right code signs in; the last wrong one ends the challenge."""
    login, challenge_id = browser.require_login(), browser.require_challenge()
    code = require_code(typed.code)
    challenge = await browser.steps.second_factor.answer(login.token, challenge_id, code)
    if challenge.status is Status.APPROVED:
        return await finish(browser, typed)
    return browser.go("/confirm/wait")


def require_code(typed: str) -> str:
    """The digits of what was typed, spaces left out; raises `InvalidInput` unless they are 6 to 12 ASCII digits."""
    code = "".join(typed.split())
    # `isdigit` alone takes digits of every script.
    if not (code.isascii() and code.isdigit() and MIN_DIGITS <= len(code) <= MAX_DIGITS):
        raise InvalidInput({"code": words.wrong("code_malformed")})
    return code

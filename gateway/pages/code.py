"""Enter a code: from an app, a text or a call, one that was kept for this, or the number that stands in a push."""

import re
from dataclasses import replace

from aiohttp import web

from gateway.model.challenge import Status
from gateway.model.code_at_hand import without_blanks
from gateway.model.errors import InvalidInput
from gateway.pages import showing, words
from gateway.pages.browser import Browser
from gateway.pages.confirm import CODE_PLACE, PLACES
from gateway.pages.handling import Typed, form, page
from gateway.pages.notes import Note
from gateway.pages.wait import finish, standing

FACTORS = "/factors"
# Which of the two it has to be is twofactor's to say.
_CODE = re.compile(r"[0-9]{6,12}|(?:[0-9A-Za-z]-?){24}")


@page
async def show(browser: Browser) -> web.Response:
    """GET /confirm/code."""
    challenge = await standing(browser)
    if challenge.status is not Status.PENDING or challenge.channel == "push":
        return browser.go("/confirm/wait")
    asking = showing.asking(challenge, browser.site.service, browser.steps.clock())
    return browser.show("code.html", form=browser.note.form(), asking=asking)


def _where_it_was_asked_for(typed: Typed) -> str:
    return PLACES.get(typed.channel, CODE_PLACE)


@form(_where_it_was_asked_for)
async def send(browser: Browser, typed: Typed) -> web.StreamResponse:
    """POST /confirm/code: the right code signs in, or waits for the phone; the last wrong one ends the challenge."""
    login, challenge_id = browser.require_login(), browser.require_challenge()
    code = require_code(typed.code)
    challenge = await browser.steps.second_factor.answer(login.token, challenge_id, code)
    if challenge.status is Status.APPROVED and challenge.channel == "recovery":
        return await _recovered(browser, typed)
    if challenge.status is Status.APPROVED:
        return await finish(browser, typed)
    return browser.go("/confirm/wait")


async def _recovered(browser: Browser, typed: Typed) -> web.StreamResponse:
    # Whoever needed it has perhaps lost the rest: that is looked after first.
    if not browser.visit.is_confirming_again:
        await browser.become(replace(browser.visit, return_to=FACTORS))
    response = await finish(browser, typed)
    if response.headers.get("Location") == FACTORS:
        return browser.go(FACTORS, Note(news=words.news("code_spent")))
    return response


def require_code(typed: str) -> str:
    """What was typed, spaces left out; raises `InvalidInput` if it can be no code."""
    code = without_blanks(typed)
    if not _CODE.fullmatch(code):
        raise InvalidInput({"code": words.wrong("code_malformed")})
    return code

"""Choose how to confirm, change one's mind, or stop."""

from aiohttp import web

from gateway.model.challenge import Challenge
from gateway.model.errors import ChallengeOver, ChallengePending, ChallengeUnknown
from gateway.pages import showing, words
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.notes import Note

PLACES = {"push": "/confirm/wait"}
CODE_PLACE = "/confirm/code"


@page
async def show(browser: Browser) -> web.Response:
    """GET /confirm: the ways that work now, best first."""
    login = browser.require_login()
    factors = await browser.steps.second_factor.factors(login.token)
    if not factors:
        return browser.go("/enrol")
    # Whoever was refused one way is not sent back to it first.
    failed = browser.note.kept.get("factor") or browser.note.kept.get("channel", "")
    return browser.show("confirm.html", ways=showing.ways(factors, failed), problem=browser.note.problem)


@form("/confirm", keeps=("factor", "channel"))
async def choose(browser: Browser, typed: Typed) -> web.Response:
    """POST /confirm: opens a challenge of this factor or channel; one that was open is taken back first."""
    await take_back(browser, browser.visit.challenge_id)
    challenge = await open_challenge(browser, typed)
    await browser.become(browser.visit.with_challenge(challenge.id))
    return browser.go(PLACES.get(challenge.channel, CODE_PLACE))


@form("/confirm")
async def cancel(browser: Browser, _typed: Typed) -> web.Response:
    """POST /confirm/cancel: this login is over, and the phone need not answer; a session from before stands."""
    if browser.visit.partial is not None:
        await take_back(browser, browser.visit.challenge_id)
    if browser.visit.is_confirming_again:
        await browser.become(browser.visit.without_login())
        return browser.go("/", Note(news=words.news("as_before")))
    await browser.leave()
    return browser.go("/sign-in", Note(news=words.news("cancelled")))


async def open_challenge(browser: Browser, typed: Typed) -> Challenge:
    """A new challenge; one that another tab opened meanwhile gives way to it."""
    login, chosen = browser.require_login(), {"channel": typed.channel, "factor": typed.factor}
    try:
        return await browser.steps.second_factor.open(login.token, **chosen, client=browser.client)
    except ChallengePending as other:
        await take_back(browser, other.challenge_id)
        return await browser.steps.second_factor.open(login.token, **chosen, client=browser.client)


async def take_back(browser: Browser, challenge_id: str | None) -> None:
    """Cancels a challenge that may be open; one that has ended is left as it is."""
    login = browser.require_login()
    if challenge_id is None:
        return
    try:
        await browser.steps.second_factor.cancel(login.token, challenge_id)
    except (ChallengeOver, ChallengeUnknown):
        return

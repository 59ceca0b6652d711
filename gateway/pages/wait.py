"""Where the challenge stands: the page that waits for the phone, and what comes after."""

from contextlib import suppress

from aiohttp import web

from gateway.model.challenge import Challenge, Status
from gateway.model.errors import NewPasswordDue, PeerUnavailable, TokenRefused
from gateway.model.tokens import Tokens
from gateway.pages import showing
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, answering, form, page
from gateway.pages.notes import Note
from gateway.pages.views_of_waiting import Again


@page
async def show(browser: Browser) -> web.StreamResponse:
    """GET /confirm/wait: this one address shows every state, so that a refresh is always right."""
    challenge = await standing(browser)
    match challenge.status:
        case Status.PENDING:
            return await _still_waiting(browser, challenge)
        case Status.APPROVED:
            return await _approved(browser)
        case Status.CONSUMED:
            return browser.go("/")
        case Status.CANCELLED:
            return browser.go("/confirm")
        case Status.DENIED | Status.EXPIRED:
            return await _over(browser, challenge)


async def _still_waiting(browser: Browser, challenge: Challenge) -> web.Response:
    if challenge.channel != "push":
        return browser.go("/confirm/code")
    factors = await browser.steps.second_factor.factors(browser.require_login().token)
    ways = showing.other_ways(factors, challenge)
    return browser.show("wait.html", waiting=showing.waiting(challenge), ways=ways, form=browser.note.form())


async def _over(browser: Browser, challenge: Challenge) -> web.Response:
    """Why, and what now: the same way again where it may be taken, or another; nothing, if the login is over too."""
    try:
        again = showing.again(await browser.steps.second_factor.factors(browser.require_login().token), challenge)
    except TokenRefused:
        again = Again(is_over=True)
    ended = showing.ended(challenge, browser.site.service, login_is_over=again.is_over)
    return browser.show("ended.html", ended=ended, again_by=again)


async def _approved(browser: Browser) -> web.StreamResponse:
    if browser.note.problem:
        # The exchange was tried a moment ago and failed: a person decides when to try again, not a loop of redirects.
        return browser.show("approved.html", problem=browser.note.problem)
    return await finish(browser, Typed())


@answering("/confirm/wait")
async def finish(browser: Browser, _typed: Typed) -> web.Response:
    """Approved: the login becomes a session, under a new cookie, and leads where the person wanted to go.

    Another tab may have done it already: then this browser is signed in, and home is the answer to both.
    """
    login = browser.require_login()
    try:
        tokens = await browser.steps.exchange(login.token, browser.client)
    except NewPasswordDue as due:
        await browser.become(browser.visit.with_renewal(due.token))
        return browser.go("/password/new")
    return await let_in(browser, tokens)


async def let_in(browser: Browser, tokens: Tokens, note: Note | None = None) -> web.Response:
    """On to where the person wanted to go, under a new cookie."""
    place, before = browser.visit.return_to, browser.visit.tokens
    await browser.become(browser.visit.with_session(tokens))
    browser.remember_device(tokens.device)
    if before is not None:
        # Confirmed once more: this session stands in for the one before, which nobody holds any longer.
        with suppress(PeerUnavailable):
            await browser.inside.credentials.end_session(before.refresh_token)
    return browser.go(place, note)


send_finish = form("/confirm/wait")(finish)


async def standing(browser: Browser) -> Challenge:
    """The challenge of this browser as it is now."""
    login, challenge_id = browser.require_login(), browser.require_challenge()
    return await browser.steps.second_factor.challenge(login.token, challenge_id)

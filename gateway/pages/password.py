"""Change the password."""

from aiohttp import web

from gateway.model.errors import InvalidCredentials, InvalidInput
from gateway.pages import words
from gateway.pages.browser import Browser
from gateway.pages.handling import Typed, form, page
from gateway.pages.inside import require_young, signed_in
from gateway.pages.notes import Note
from gateway.pages.steps import SignedIn

PLACE = "/password"
MIN_LENGTH, MAX_LENGTH = 12, 128


@page
@signed_in(PLACE)
async def show(browser: Browser, here: SignedIn) -> web.Response:
    """GET /password: for who has confirmed a moment ago; everybody else does so first."""
    require_young(browser, here)
    return browser.show("password.html", form=browser.note.form())


@form(PLACE)
@signed_in(PLACE)
async def send(browser: Browser, here: SignedIn, typed: Typed) -> web.Response:
    """POST /password: the new one holds from now on, and all other sessions are over."""
    require_sound(typed)
    try:
        await browser.inside.credentials.change_password(
            here.token, typed.current_password, typed.password, browser.client
        )
    except InvalidCredentials:
        raise InvalidInput({"current_password": words.wrong("not_the_password")}) from None
    return browser.go("/", Note(news=words.news("password_changed")))


def require_sound(typed: Typed) -> None:
    """All that can be seen wrong without asking anyone, said at once; raises `InvalidInput`."""
    faults: dict[str, str] = {}
    if not typed.current_password:
        faults["current_password"] = words.wrong("current_password_missing")
    if fault := length_fault(typed.password):
        faults["password"] = words.wrong(fault)
    elif typed.password == typed.current_password:
        faults["password"] = words.wrong("password_the_same")
    if faults:
        raise InvalidInput(faults)


def length_fault(password: str) -> str:
    """The code of what is wrong with its length; "" when nothing is."""
    if len(password) < MIN_LENGTH:
        return "password_too_short"
    return "password_too_long" if len(password) > MAX_LENGTH else ""

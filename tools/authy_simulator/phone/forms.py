"""What the buttons of the pages do; each leads back to the page it stood on."""

import re
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from aiohttp import web

from tools.authy_simulator.faults.rule import InvalidRule, read_rule
from tools.authy_simulator.keys import CHANGES, FAULTS, WORLD
from tools.authy_simulator.model.approval import Answer
from tools.authy_simulator.model.phone import Phone
from tools.authy_simulator.phone_press import NotPending, UnknownRequest, press

ANSWERS = {"approve": Answer.APPROVED, "deny": Answer.DENIED}
NUMBER = re.compile(r"[0-9]{1,9}\Z")
Form = dict[str, str]


async def read_form(request: web.Request) -> Form:
    """The fields that are text. A form on a stranger's page must not press buttons here: 403."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="This form was sent from another site")
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def back(form: Form) -> NoReturn:
    """To the page that the form names, if it is one of ours."""
    place = form.get("back", "/")
    raise web.HTTPSeeOther(place if place == "/" or place.startswith("/phones/") else "/")


async def answer_request(request: web.Request) -> web.Response:
    """Approve or Deny. A request that was answered meanwhile stays as it is; the page shows it."""
    form = await read_form(request)
    answer = ANSWERS.get(form.get("answer", ""))
    if answer is None:
        raise web.HTTPBadRequest(text="answer must be approve or deny")
    with suppress(NotPending, UnknownRequest):
        await press(request.app, request.match_info["uuid"], answer)
    back(form)


async def install_or_remove_app(request: web.Request) -> web.Response:
    """The switch "has the Authy app"."""
    form = await read_form(request)
    phone = Phone.parse(request.match_info["phone"])
    people = request.app[WORLD].people
    person = people.by_phone(phone) if phone else None
    if person is None:
        raise web.HTTPNotFound(text="Nobody has this phone")
    people.save(replace(person, registered=form.get("registered") == "true"))
    back(form)


async def add_fault(request: web.Request) -> web.Response:
    """One more rule; empty fields are left to their defaults."""
    form = await read_form(request)
    rule: dict[str, object] = {name: form[name] for name in ("endpoint", "fault", "code") if form.get(name)}
    rule |= {name: int(form[name]) for name in ("count", "seconds") if NUMBER.match(form.get(name, ""))}
    try:
        request.app[FAULTS].add(read_rule(rule))
    except InvalidRule as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    request.app[CHANGES].publish(None)
    back(form)


async def clear_faults(request: web.Request) -> web.Response:
    """No rules."""
    form = await read_form(request)
    request.app[FAULTS].replace_all([])
    request.app[CHANGES].publish(None)
    back(form)

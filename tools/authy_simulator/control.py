"""The control API, which scripts and tests steer the simulator with. README.md documents every call."""

from dataclasses import replace
from functools import partial

from aiohttp import web

from tools.authy_simulator.answers import answer, timestamp
from tools.authy_simulator.bodies import parse_json
from tools.authy_simulator.faults.rule import InvalidRule, read_rules
from tools.authy_simulator.keys import CHANGES, CLOCK, FAULTS, WORLD
from tools.authy_simulator.model.approval import Answer, Approval
from tools.authy_simulator.model.message import Message, MessageChannel
from tools.authy_simulator.model.person import Person
from tools.authy_simulator.model.phone import Phone
from tools.authy_simulator.model.token import app_token, step_of
from tools.authy_simulator.phone_press import NotPending, UnknownRequest, press


def add_control(app: web.Application) -> None:
    """The routes under /control."""
    app.router.add_get("/control/phones", list_phones)
    app.router.add_get("/control/phones/{phone}", show_phone)
    app.router.add_patch("/control/phones/{phone}", change_phone)
    app.router.add_post("/control/approval_requests/{uuid}/approve", partial(press_button, answered=Answer.APPROVED))
    app.router.add_post("/control/approval_requests/{uuid}/deny", partial(press_button, answered=Answer.DENIED))
    app.router.add_get("/control/faults", show_faults)
    app.router.add_put("/control/faults", put_faults)
    app.router.add_delete("/control/faults", clear_faults)
    app.router.add_route("*", "/control/{rest:.*}", unknown)


def problem(status: int, error: str, detail: str) -> web.Response:
    """An error of the control API."""
    return answer({"error": error, "detail": detail}, status)


async def unknown(request: web.Request) -> web.Response:
    """No such control call."""
    return problem(404, "not_found", f"There is no control call {request.method} {request.path}")


async def list_phones(request: web.Request) -> web.Response:
    """Every phone, newest first, without its contents."""
    people = request.app[WORLD].people.all()
    phones = [{"phone": str(each.phone), "authy_id": each.authy_id, "registered": each.registered} for each in people]
    return answer({"phones": phones})


async def show_phone(request: web.Request) -> web.Response:
    """What is on the screen of one phone, newest first."""
    phone = Phone.parse(request.match_info["phone"])
    person = request.app[WORLD].people.by_phone(phone) if phone else None
    if person is None:
        return problem(404, "phone_not_found", "No user with this phone was created yet")
    return answer(phone_view(request.app, person))


async def change_phone(request: web.Request) -> web.Response:
    """``{"registered": bool}``: has this person the app. Works before the user is created, too."""
    phone = Phone.parse(request.match_info["phone"])
    if phone is None:
        return problem(400, "invalid_phone", "Write a phone as 44-7700900123")
    wanted = await read_json(request)
    if not isinstance(wanted, dict) or set(wanted) != {"registered"} or not isinstance(wanted["registered"], bool):
        return problem(400, "invalid_body", 'The body must be {"registered": true} or {"registered": false}')
    people, now = request.app[WORLD].people, request.app[CLOCK]()
    person = people.by_phone(phone) or replace(people.meet(phone, "", registered=True, now=now), enrolled=False)
    people.save(replace(person, registered=wanted["registered"]))
    return answer(phone_view(request.app, replace(person, registered=wanted["registered"])))


async def press_button(request: web.Request, answered: Answer) -> web.Response:
    """As if the button were pressed; answers how the callback went."""
    try:
        delivery = await press(request.app, request.match_info["uuid"], answered)
    except UnknownRequest:
        return problem(404, "approval_request_not_found", "There is no approval request of this uuid")
    except NotPending as error:
        return problem(409, "not_pending", f"The approval request is {error.status}")
    return answer({"callback": delivery.shown()})


async def show_faults(request: web.Request) -> web.Response:
    """The rules in force, with the counts that are left."""
    return answer({"rules": [rule.shown() for rule in request.app[FAULTS].in_force()]})


async def put_faults(request: web.Request) -> web.Response:
    """These rules and no others."""
    try:
        rules = read_rules(await read_json(request))
    except InvalidRule as error:
        return problem(400, "invalid_rule", str(error))
    request.app[FAULTS].replace_all(rules)
    request.app[CHANGES].publish(None)
    return await show_faults(request)


async def clear_faults(request: web.Request) -> web.Response:
    """All is well again."""
    request.app[FAULTS].replace_all([])
    request.app[CHANGES].publish(None)
    return await show_faults(request)


async def read_json(request: web.Request) -> object:
    """The JSON body whatever its content type; None when it is none."""
    try:
        return parse_json(await request.read())
    except ValueError:
        return None


def phone_view(app: web.Application, person: Person) -> dict[str, object]:
    """One phone as JSON. ``app_token`` is null for a person without the app."""
    world, now = app[WORLD], app[CLOCK]()
    messages = [each for each in world.inbox.of(person.phone) if each.channel is not MessageChannel.NUDGE]
    return {
        "authy_id": person.authy_id,
        "registered": person.registered,
        "app_token": app_token(person.phone, step_of(now)) if person.registered else None,
        "messages": [message_view(each) for each in messages],
        "approval_requests": [approval_view(each, each.status(now)) for each in world.approvals.of(person.phone)],
    }


def message_view(message: Message) -> dict[str, object]:
    """One text or call."""
    return {
        "channel": message.channel.value,
        "text": message.text,
        "code": message.code,
        "sent_at": timestamp(message.sent_at),
    }


def approval_view(approval: Approval, status: str) -> dict[str, object]:
    """One push request."""
    return {
        "uuid": approval.uuid,
        "status": status,
        "message": approval.draft.message,
        "details": approval.draft.details,
        "hidden_details": approval.draft.hidden_details,
        "logos": [{"res": logo.res, "url": logo.url} for logo in approval.draft.logos],
        "seconds_to_expire": approval.draft.seconds_to_expire,
        "created_at": timestamp(approval.created_at),
    }

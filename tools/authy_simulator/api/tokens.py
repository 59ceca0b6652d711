"""Sending by SMS and call, and checking (contract sections 4.1 and 5)."""

import re

from aiohttp import web

from tools.authy_simulator.answers import answer
from tools.authy_simulator.api.people import find_person, require_person
from tools.authy_simulator.errors import AuthyError, known_error
from tools.authy_simulator.keys import TOKENS
from tools.authy_simulator.model.message import MessageChannel
from tools.authy_simulator.model.person import Person

TOKEN = re.compile(r"[0-9]{6,12}\Z")
LONGEST_ACTION = 255
SENT = {MessageChannel.SMS: "SMS token was sent", MessageChannel.VOICE: "Call started..."}
IGNORED = {
    MessageChannel.SMS: "Ignored: SMS is not needed for smartphones. "
    "Pass force=true if you want to actually send it anyway.",
    MessageChannel.VOICE: "Call ignored. User is using  App Tokens and this call is not necessary. "
    "Pass force=true if you still want to call users that are using the App.",
}


async def sms(request: web.Request) -> web.Response:
    """``sms/{id}``."""
    return send(request, MessageChannel.SMS)


async def call(request: web.Request) -> web.Response:
    """``call/{id}``."""
    return send(request, MessageChannel.VOICE)


def send(request: web.Request, channel: MessageChannel) -> web.Response:
    """Sends, or, to a person with the app and without ``force=true``, only nudges: both are 200 and success."""
    person = require_person(request)
    action, action_message = short(request, "action"), short(request, "action_message")
    sent = {"message": SENT[channel], "cellphone": person.phone.masked_with_code, "success": True}
    if person.registered and request.query.get("force") != "true":
        request.app[TOKENS].nudge(person)
        return answer({**sent, "message": IGNORED[channel], "device": "android", "ignored": True})
    request.app[TOKENS].send(person, channel, action, action_message)
    return answer(sent)


def short(request: web.Request, name: str) -> str | None:
    """An optional query value of at most 255 characters; an empty one is none. Raises AuthyError 60004."""
    value = request.query.get(name) or None
    if value is not None and len(value) > LONGEST_ACTION:
        raise known_error("60004")
    return value


async def verify(request: web.Request) -> web.Response:
    """``verify/{token}/{id}``: on success, ``success`` is the string "true"."""
    person = find_person(request)
    if person is None:
        raise user_does_not_exist()
    token, force = request.match_info["token"], request.query.get("force") == "true"
    if not TOKEN.match(token):
        raise known_error("60020")
    source = request.app[TOKENS].require_valid(person, token, short(request, "action"), force)
    device = device_of(person, source)
    return answer({"message": "Token is valid.", "token": "is valid", "success": "true", "device": device})


def user_does_not_exist() -> AuthyError:
    """401, and not the 404 of the other endpoints."""
    return known_error("60016")


def device_of(person: Person, source: str) -> dict[str, object]:
    """The device member: an Android phone for app tokens, ``sms`` without an id for the rest."""
    from_app = source == "app"
    return {
        "id": person.device_id if from_app else None,
        "os_type": "android" if from_app else "sms",
        "registration_date": int(person.created_at.timestamp()),
        "registration_method": "sms" if from_app else None,
        "registration_country": None,
        "registration_region": None,
        "registration_city": None,
        "country": None,
        "region": None,
        "city": None,
        "ip": "203.0.113.25" if from_app else None,
        "last_account_recovery_at": None,
        "last_sync_date": int(person.created_at.timestamp()) if from_app else None,
    }

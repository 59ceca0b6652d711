"""Users: create, status, remove, update, register_activity (contract section 3)."""

import re
from dataclasses import replace
from datetime import datetime

import phonenumbers
from aiohttp import web

from tools.authy_simulator.answers import answer
from tools.authy_simulator.api.people import require_person
from tools.authy_simulator.bodies import Tree, is_true, read_body, text_of
from tools.authy_simulator.errors import known_error, user_not_valid
from tools.authy_simulator.keys import CLOCK, SETTINGS, WORLD
from tools.authy_simulator.model.activity import ACTIVITIES
from tools.authy_simulator.model.message import Message, MessageChannel, install_text
from tools.authy_simulator.model.person import Person
from tools.authy_simulator.model.phone import Phone

CALLING_CODES = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


async def create(request: web.Request) -> web.Response:
    """``users/new``: keyed by phone, so a second call gives the same id."""
    body = await read_body(request)
    email, phone = read_user(body)
    people, now = request.app[WORLD].people, request.app[CLOCK]()
    person = people.by_phone(phone) or people.meet(phone, email, request.app[SETTINGS].registered, now)
    people.save(replace(person, email=email, enrolled=True, removed_at=None))
    if not person.registered and is_true(body.get("send_install_link_via_sms", True)):
        send_install_link(request, phone, now)
    return answer({"message": "User created successfully.", "user": {"id": person.authy_id}, "success": True})


def read_user(body: Tree) -> tuple[str, Phone]:
    """E-mail and phone of the body. Raises AuthyError 400/60027 naming each field that is wrong."""
    user = body.get("user")
    fields: Tree = user if isinstance(user, dict) else {}
    email = (text_of(fields, "email") or "").strip()
    phone = Phone.of(text_of(fields, "country_code") or "", text_of(fields, "cellphone") or "")
    faults = {
        "email": email_fault(email),
        "country_code": country_fault(text_of(fields, "country_code") or ""),
        "cellphone": None if phone and is_possible(phone) else "is invalid",
    }
    wrong = {name: fault for name, fault in faults.items() if fault}
    if wrong or phone is None:
        raise user_not_valid(wrong)
    return email, phone


def email_fault(email: str) -> str | None:
    """What is wrong with the address, in Authy's words."""
    if not email:
        return "is invalid and can't be blank"
    return None if EMAIL.match(email) else "is invalid"


def country_fault(code: str) -> str | None:
    """Calling codes that exist are supported; ISO letters are not."""
    digits = code.strip().removeprefix("+")
    return None if digits in CALLING_CODES else "is not supported"


def is_possible(phone: Phone) -> bool:
    """Has the number a length that its country uses."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{phone.country_code}{phone.number}"))
    except phonenumbers.NumberParseException:
        return False


def send_install_link(request: web.Request, phone: Phone, now: datetime) -> None:
    """The text that invites to install the app."""
    text = install_text(request.app[SETTINGS].app_name)
    request.app[WORLD].inbox.deliver(Message(phone, MessageChannel.SMS, text, now))


async def status(request: web.Request) -> web.Response:
    """``users/{id}/status``."""
    return answer({"status": status_of(require_person(request)), "message": "User status.", "success": True})


def status_of(person: Person) -> dict[str, object]:
    """The status object; the phone is masked."""
    created = int(person.created_at.timestamp())
    device = {
        "device_type": "authy",
        "os_type": "android" if person.registered else "unknown",
        "registration_device_id": None,
        "registration_method": None,
        "device_id": person.device_id,
        "last_sync_date": created if person.registered else 0,
        "creation_date": created,
    }
    return {
        "authy_id": person.authy_id,
        "confirmed": person.confirmed,
        "registered": person.registered,
        "country_code": int(person.phone.country_code),
        "phone_number": person.phone.masked,
        "email": person.email,
        "devices": ["android"] if person.registered else [],
        "has_hard_token": False,
        "account_disabled": False,
        "detailed_devices": [device],
        "deleted_devices": [],
    }


async def remove(request: web.Request) -> web.Response:
    """``users/{id}/remove`` and its aliases: gone in a day, and until then as before."""
    person = require_person(request)
    gone = replace(person, removed_at=person.removed_at or request.app[CLOCK]())
    request.app[WORLD].people.save(gone)
    return answer({"message": "User removed from application", "success": True})


async def update(request: web.Request) -> web.Response:
    """``users/{id}/update``: a new e-mail address."""
    person = require_person(request)
    email = (text_of(await read_body(request), "email") or "").strip()
    if email_fault(email):
        raise known_error("60038")
    request.app[WORLD].people.save(replace(person, email=email))
    return answer({"message": "User was updated successfully", "success": True})


async def register_activity(request: web.Request) -> web.Response:
    """``users/{id}/register_activity``: taken and forgotten."""
    require_person(request)
    body = await read_body(request)
    data = body.get("data")
    if text_of(body, "type") not in ACTIVITIES or not (data is None or isinstance(data, dict | str)):
        raise known_error("60030")
    return answer({"message": "Activity was created.", "success": True})

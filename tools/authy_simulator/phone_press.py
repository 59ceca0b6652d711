"""Pressing Approve or Deny: the one story behind the control API and the phone page."""

from dataclasses import dataclass

from aiohttp import web

from tools.authy_simulator.callbacks.body import callback_body
from tools.authy_simulator.callbacks.sender import Delivery
from tools.authy_simulator.keys import CALLBACKS, CLOCK, SETTINGS, WORLD
from tools.authy_simulator.model.approval import Answer


@dataclass(frozen=True)
class NotPending(Exception):
    """The request has been answered already, or its time is up."""

    status: str


class UnknownRequest(Exception):
    """There is no request of this uuid."""


async def press(app: web.Application, uuid: str, answer: Answer) -> Delivery:
    """The answer is kept first, so that it can be read back even when its callback is lost."""
    approval = app[WORLD].approvals.by_uuid(uuid)
    person = app[WORLD].people.by_phone(approval.phone) if approval else None
    if approval is None or person is None:
        raise UnknownRequest(uuid)
    now = app[CLOCK]()
    if approval.status(now) != "pending":
        raise NotPending(approval.status(now))
    answered = approval.answered(answer, now)
    app[WORLD].approvals.save(answered)
    settings = app[SETTINGS]
    return await app[CALLBACKS].send(callback_body(settings.app_name, person, answered, settings.device_uuid))

"""OneTouch: create and read approval requests (contract sections 6.1 and 6.2)."""

from aiohttp import web

from tools.authy_simulator.answers import answer, object_id, timestamp
from tools.authy_simulator.api.draft import read_draft
from tools.authy_simulator.api.people import require_person
from tools.authy_simulator.bodies import read_body
from tools.authy_simulator.callbacks.device import device_of
from tools.authy_simulator.errors import known_error, request_not_found
from tools.authy_simulator.keys import CLOCK, NEW_ID, SETTINGS, WORLD
from tools.authy_simulator.model.application import APP_SERIAL_ID
from tools.authy_simulator.model.approval import Approval
from tools.authy_simulator.model.person import Person


async def create(request: web.Request) -> web.Response:
    """``users/{id}/approval_requests``: the push goes to the person's app."""
    person = require_person(request)
    draft = read_draft(await read_body(request))
    if not person.registered:
        raise known_error("60050")
    now = request.app[CLOCK]()
    approval = Approval(request.app[NEW_ID](), person.phone, person.authy_id, draft, now)
    request.app[WORLD].approvals.save(approval)
    return answer({"approval_request": {"uuid": approval.uuid}, "success": True})


async def read(request: web.Request) -> web.Response:
    """``approval_requests/{uuid}``."""
    uuid = request.match_info["uuid"]
    approval = request.app[WORLD].approvals.by_uuid(uuid)
    person = request.app[WORLD].people.by_phone(approval.phone) if approval else None
    if approval is None or person is None:
        raise request_not_found(uuid)
    return answer({"approval_request": state_of(request, approval, person), "success": True})


def state_of(request: web.Request, approval: Approval, person: Person) -> dict[str, object]:
    """The state; once answered, with the device and the hidden details."""
    app_name, now = request.app[SETTINGS].app_name, request.app[CLOCK]()
    processed = timestamp(approval.answered_at) if approval.answered_at else None
    state: dict[str, object] = {
        "_app_name": app_name,
        "_app_serial_id": APP_SERIAL_ID,
        "_authy_id": approval.authy_id,
        "_id": object_id("approval", approval.uuid),
        "_user_email": person.email,
        "app_id": object_id("app", app_name),
        "created_at": timestamp(approval.created_at),
        "notified": False,
        "processed_at": processed,
        "seconds_to_expire": approval.draft.seconds_to_expire,
        "status": approval.status(now),
        "updated_at": processed or timestamp(approval.created_at),
        "user_id": object_id("user", approval.authy_id),
        "uuid": approval.uuid,
    }
    if approval.answer:
        state |= {"device": device_of(person, approval), "hidden_details": approval.draft.hidden_details}
    return state

"""The body of a callback, as the 2019 captures show it (contract section 6.3)."""

import base64
import hashlib
from datetime import datetime

from tools.authy_simulator.answers import object_id
from tools.authy_simulator.callbacks.device import device_of
from tools.authy_simulator.model.approval import Answer, Approval
from tools.authy_simulator.model.person import Person

CUSTOMER = 15083
SIGNATURE_BYTES = 256


def callback_body(app_name: str, person: Person, approval: Approval, device_uuid: str) -> dict[str, object]:
    """Approval and person as the JSON tree; ``device_uuid`` is ``text`` or ``number`` (see Settings).

    Both ways of writing the number sign alike: the canonical form knows no types.
    """
    return {
        "authy_id": person.authy_id,
        "device_uuid": person.device_id if device_uuid == "number" else str(person.device_id),
        "callback_action": "approval_request_status",
        "uuid": approval.uuid,
        "status": status_of(approval).value,
        "approval_request": {
            "transaction": transaction(approval),
            "expiration_timestamp": seconds(approval.expires_at),
            "logos": [{"res": logo.res, "url": logo.url} for logo in approval.draft.logos] or None,
            "app_id": object_id("app", app_name),
        },
        "signature": device_signature(approval),
        "device": device_of(person, approval),
    }


def transaction(approval: Approval) -> dict[str, object]:
    """What was asked and answered."""
    return {
        "details": approval.draft.details or None,
        "device_details": {},
        "device_geolocation": "",
        "device_signing_time": seconds(approval.answered_at),
        "encrypted": False,
        "flagged": False,
        "hidden_details": approval.draft.hidden_details or None,
        "message": approval.draft.message,
        "reason": "",
        "requester_details": None,
        "status": status_of(approval).value,
        "uuid": approval.uuid,
        "created_at_time": seconds(approval.created_at),
        "customer_uuid": CUSTOMER,
    }


def status_of(approval: Approval) -> Answer:
    """The answer of a request that has one; there are no callbacks for others."""
    if approval.answer is None:
        raise ValueError("a request without an answer has no callback")
    return approval.answer


def seconds(moment: datetime | None) -> int | None:
    """Unix seconds."""
    return int(moment.timestamp()) if moment else None


def device_signature(approval: Approval) -> str:
    """Something of the form of the device's RSA signature: nobody outside of Authy can verify that one either."""
    seed = f"{approval.uuid}|{approval.answer}".encode()
    return base64.b64encode(hashlib.shake_256(seed).digest(SIGNATURE_BYTES)).decode()

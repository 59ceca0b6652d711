"""An approval as Authy would send it, by somebody who knows everything about the request but the key that signs."""

import time
from typing import Any

from tools.authy_simulator.callbacks.letter import Letter, write_letter

ANOTHER_KEY = "a-key-that-is-not-the-vendor-s"


def forged_approval(push: dict[str, Any]) -> Letter:
    """`push`: the request as it stands on the phone, with the phone's `authy_id`."""
    said = {"uuid": push["uuid"], "status": "approved"}
    transaction = {**said, "flagged": False, "hidden_details": push["hidden_details"]}
    body = {
        **said,
        "authy_id": push["authy_id"],
        "callback_action": "approval_request_status",
        "approval_request": {"transaction": transaction},
    }
    # The address is signed, and does not matter: the key is wrong.
    return write_letter(
        api_key=ANOTHER_KEY, nonce=str(int(time.time())), method="POST", url="https://id.example.com/", body=body
    )

"""Authy's errors: one exception, its JSON body, and the codes that a login meets (contract section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TOO_MANY = "60003"
KEY_INVALID = "60001"

# code: (HTTP status, message). Used by the API, and by name in the fault "error".
KNOWN: Mapping[str, tuple[int, str]] = {
    "60000": (400, "Something went wrong"),
    KEY_INVALID: (401, "Invalid API key"),
    "60002": (400, "Request is invalid"),
    TOO_MANY: (429, "Rate limit exceeded"),
    "60004": (400, "Parameter is invalid"),
    "60005": (400, "Parameters must be encoded in UTF-8"),
    "60006": (403, "Phone calls are not enabled on this account"),
    "60007": (403, "SMS is not enabled"),
    "60008": (403, "Account is suspended"),
    "60009": (403, "Monthly SMS limit reached"),
    "60010": (403, "Daily SMS limit reached"),
    "60011": (403, "Monthly call limit reached"),
    "60012": (403, "Daily call limit reached"),
    "60013": (403, "Country is banned"),
    "60014": (503, "Call could not be started"),
    "60015": (503, "SMS could not be sent"),
    "60016": (401, "User doesn't exist"),
    "60017": (503, "User has been suspended."),
    "60018": (403, "User is disabled"),
    "60019": (401, "Token is invalid. Token was used recently"),
    "60020": (401, "Token is invalid"),
    "60026": (404, "User not found."),
    "60027": (400, "User was not valid"),
    "60030": (400, "Activity parameters are incorrect"),
    "60033": (400, "Phone number is invalid"),
    "60038": (400, "Email is invalid"),
    "60049": (404, "Approval request not found"),
    "60050": (400, "User doesn't have the Authy app installed"),
    "60051": (400, "User doesn't have a device for approval requests"),
    "60053": (503, "Approval request could not be sent"),
    "60056": (403, "TLS is required"),
    "60060": (403, "Twilio account is suspended"),
    "60061": (403, "Application is suspended"),
    "60063": (403, "IP address is not allowed"),
    "60078": (400, "Country code is invalid"),
    "60079": (409, "Approval request is no longer pending"),
    "60080": (400, "Approval request is invalid"),
    "60082": (403, "Phone number is a landline and cannot receive SMS"),
    "60107": (403, "User is blocked"),
    "60115": (403, "Phone number has opted out"),
    "60120": (429, "SMS limit reached"),
}


@dataclass(frozen=True)
class AuthyError(Exception):
    """An answer that is not 200. ``fields`` stand in ``errors`` and at top level, ``extra`` at top level only."""

    code: str
    message: str
    status: int
    fields: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False

    def body(self) -> dict[str, object]:
        """The JSON body. ``bare`` leaves ``errors`` empty, as unknown approval requests do."""
        errors = {} if self.bare else {**self.fields, "message": self.message}
        return {
            "message": self.message,
            "success": False,
            "errors": errors,
            **self.fields,
            **self.extra,
            "error_code": self.code,
        }


def known_error(code: str, status: int | None = None, message: str | None = None) -> AuthyError:
    """The error of a code; a code outside the table is a 400."""
    usual_status, usual_message = KNOWN.get(code, (400, "Something went wrong"))
    return AuthyError(code, message or usual_message, status or usual_status, extra=TOKEN_FIELDS.get(code, {}))


TOKEN_FIELDS: Mapping[str, Mapping[str, str]] = {
    "60019": {"token": "is invalid"},
    "60020": {"token": "is invalid"},
}


def user_not_found() -> AuthyError:
    """404/60026, of every endpoint but verify."""
    return known_error("60026")


def user_not_valid(faults: Mapping[str, str]) -> AuthyError:
    """400/60027 with the reason for each field."""
    status, message = KNOWN["60027"]
    return AuthyError("60027", message, status, fields=faults)


def request_not_found(uuid: str) -> AuthyError:
    """404/60049, with ``errors`` empty."""
    return AuthyError("60049", f"Approval request not found: {uuid}", 404, bare=True)


def request_not_valid(reason: str) -> AuthyError:
    """400/60080 with a reason in the message."""
    return known_error("60080", message=f"Approval request is invalid: {reason}")

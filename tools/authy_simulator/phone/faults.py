"""What each fault is called on the page."""

from collections.abc import Mapping

from tools.authy_simulator.faults.rule import CallbackFault, Fault

WORDING: Mapping[Fault | CallbackFault, str] = {
    Fault.SLOW: "answers slowly",
    Fault.TOO_MANY: "429 too many requests",
    Fault.UNAVAILABLE: "503 unavailable",
    Fault.HTML: "502 as an HTML page",
    Fault.WRONG_JSON: "JSON that is cut off",
    Fault.HTML_TYPE: "JSON sent as HTML",
    Fault.ERROR: "an Authy error code",
    Fault.RESET: "connection breaks",
    CallbackFault.LATE: "arrives late",
    CallbackFault.DROPPED: "never arrives",
    CallbackFault.REPEATED: "arrives twice",
    CallbackFault.BADLY_SIGNED: "badly signed",
    CallbackFault.STALE: "signed long ago",
    CallbackFault.FLAGGED: "flagged by Authy",
    CallbackFault.OTHER_AUTHY_ID: "from another Authy id",
    CallbackFault.GET: "sent as GET",
}

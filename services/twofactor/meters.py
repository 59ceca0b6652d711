"""What this service measures, by name. `metering.py` counts."""

from chassis.metered import REVOCATIONS_CURRENT, REVOCATIONS_SILENT
from chassis.meters import Kind, Meter

OPENED = Meter(Kind.COUNTER, "countersign_challenges_opened_total", "Challenges by channel", ("channel",))
MOVED = Meter(
    Kind.COUNTER,
    "countersign_challenges_moved_total",
    "Challenges by channel and by the status they came to; `consumed` is a receipt that was issued",
    ("channel", "status", "reason"),
)
APPROVAL = Meter(
    Kind.HISTOGRAM,
    "countersign_approval_seconds",
    "From opening a challenge until the person approved it: for a push, from the push to the press on Approve",
    ("channel",),
    (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0),
)
CALLBACKS = Meter(
    Kind.COUNTER,
    "countersign_callbacks_total",
    "Callbacks by outcome: effective (also one that came too late), genuine (signed by the vendor), replayed, or forged"
    " and what is wrong with it. A genuine one that is neither effective nor replayed was about nothing of ours",
    ("outcome", "reason"),
)
VENDOR_CALLS = Meter(
    Kind.HISTOGRAM,
    "countersign_vendor_call_duration_seconds",
    "Calls to the vendor by outcome: ok, refused (its word on the person), misconfigured (its word on us), unavailable",
    ("call", "outcome"),
)

METERS_HERE = (OPENED, MOVED, APPROVAL, CALLBACKS, VENDOR_CALLS, REVOCATIONS_CURRENT, REVOCATIONS_SILENT)

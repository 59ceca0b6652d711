"""docs/metrics.md: every meter, from the tables that the processes count by."""

from collections.abc import Mapping

import gateway.meters
import services.auth.meters
import services.twofactor.meters
from chassis import metered
from chassis.meters import Meter

METERS: Mapping[str, tuple[Meter, ...]] = {
    "every process": metered.METERS_HERE,
    "auth": services.auth.meters.METERS_HERE,
    "twofactor": services.twofactor.meters.METERS_HERE,
    "gateway": gateway.meters.METERS_HERE,
}


def metrics_page() -> str:
    """The page as it must stand."""
    lines = [
        "# Metrics",
        "",
        "Each process shows these at `/metrics` on `COUNTERSIGN_METRICS_PORT`, a port that is never published, with",
        "`process_*` and `python_*` of prometheus-client beside them. Times are in seconds.",
        "[observing.md](observing.md) says how to collect, watch and follow them.",
        "",
        "<!-- Written by `python -m tools.reference`. -->",
    ]
    for place, meters in METERS.items():
        lines += ["", f"## {place}", "", "| metric | type | labels | what it is |", "|---|---|---|---|"]
        lines += [_row(meter) for meter in meters]
    return "\n".join([*lines, ""])


def _row(meter: Meter) -> str:
    labels = ", ".join(f"`{label}`" for label in meter.labels)
    return f"| `{meter.name}` | {meter.kind} | {labels} | {meter.about} |"

"""What a request is counted as: names of ours only, however many a stranger makes up."""

from chassis.accounting import Observer
from chassis.metered import REFUSALS, REQUESTS
from chassis.meters import OTHER, Meters
from chassis.request import METHODS, PART, REFUSAL, Asked

_STATUSES = {status: str(status) for status in range(100, 600)}


def request_meter(meters: Meters) -> Observer:
    """Counts each request that is over."""
    durations, refusals = meters.histogram(REQUESTS), meters.counter(REFUSALS)

    def observe(request: Asked, route: str, status: int, seconds: float) -> None:
        method = request.method if request.method in METHODS else OTHER
        # What is not there is dear to look for: an address that does several things is not asked for them by GET.
        part = request.get(PART) if method != "GET" else None
        place = f"{route} {part}" if part else route
        durations(method, place, _STATUSES.get(status, OTHER)).observe(seconds)
        # As dear: nothing was refused below 400.
        refusal = request.get(REFUSAL) if status >= 400 else None
        if refusal is not None:
            refusals(place, refusal).inc()

    return observe

"""What is said of limits to whoever runs this: which limit, never whose."""

from collections.abc import Callable, Iterable

import structlog

from chassis.limits import Limit, Standing
from chassis.metered import LIMITS_HIT, LIMITS_NEAR
from chassis.meters import Meters

log = structlog.get_logger()
Notice = Callable[[str, Standing], None]
NEAR, REACHED = "limit_near", "limit_reached"


def log_notice(what: str, standing: Standing) -> None:
    """Writes `limit_near` or `limit_reached`."""
    log.warning(what, limit=standing.policy, amount=standing.window.amount)


def count_notices(meters: Meters, table: Iterable[Limit]) -> Notice:
    """Writes and counts them; all that may come are shown as zero, for an alarm on the first."""
    limits = tuple(table)
    reached = meters.counter(LIMITS_HIT).begin(*(limit.name for limit in limits))
    near = meters.counter(LIMITS_NEAR).begin(*(limit.name for limit in limits if limit.alarm is not None))

    def notice(what: str, standing: Standing) -> None:
        (near if what == NEAR else reached)(standing.limit.name).inc()
        log_notice(what, standing)

    return notice

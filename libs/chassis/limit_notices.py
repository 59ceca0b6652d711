"""What is said of limits to whoever runs this: which limit, never whose."""

from collections.abc import Callable

import structlog

from chassis.limits import Standing
from chassis.metered import LIMITS_HIT, LIMITS_NEAR
from chassis.meters import Meters

log = structlog.get_logger()
Notice = Callable[[str, Standing], None]
NEAR, REACHED = "limit_near", "limit_reached"


def log_notice(what: str, standing: Standing) -> None:
    """Writes `limit_near` or `limit_reached`."""
    log.warning(what, limit=standing.policy, amount=standing.window.amount)


def count_notices(meters: Meters) -> Notice:
    """Writes and counts them."""
    reached, near = meters.counter(LIMITS_HIT), meters.counter(LIMITS_NEAR)

    def notice(what: str, standing: Standing) -> None:
        (near if what == NEAR else reached)(standing.limit.name).inc()
        log_notice(what, standing)

    return notice

"""What the doctor finds here."""

from collections.abc import Sequence

from chassis.checks import Check


async def examine() -> Sequence[Check]:
    """Nothing yet."""
    return []

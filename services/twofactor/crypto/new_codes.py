"""New recovery codes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.twofactor.model.recovery import AMOUNT, BITS, spelled


@dataclass(frozen=True)
class RandomCodes:
    """Implements `ports_of_kinds.NewCodes`."""

    random: Callable[[int], bytes]

    def __call__(self) -> Sequence[str]:
        """Ten."""
        return [spelled(int.from_bytes(self.random(BITS // 8))) for _ in range(AMOUNT)]

"""Whether a code is right: the vendor knows."""

from dataclasses import dataclass

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.ports import Provider


@dataclass(frozen=True)
class RequireCode:
    """Asked after the try was counted."""

    provider: Provider

    async def __call__(self, challenge: Challenge, code: str) -> None:
        """Passes if it is right; raises `WrongCode`, or what the vendor raises."""
        await self.provider.require_code(challenge.account, code, binding=_binding(challenge))


def _binding(challenge: Challenge) -> str | None:
    from_app = challenge.channel is Channel.APP or challenge.delivery is Delivery.OPEN_APP
    return None if from_app else challenge.id

"""Whether a code is right: a push's own number is known here, every other code to the vendor."""

from dataclasses import dataclass

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.errors import WrongCode
from services.twofactor.ports import Provider
from services.twofactor.ports_of_pushes import BindingCodes


@dataclass(frozen=True)
class RequireCode:
    """Asked after the try was counted."""

    provider: Provider
    codes: BindingCodes

    async def __call__(self, challenge: Challenge, code: str) -> None:
        """Passes if it is right; raises `WrongCode`, or what the vendor raises."""
        if challenge.channel is not Channel.PUSH:
            await self.provider.require_code(challenge.account, code, binding=_binding(challenge))
        elif not self.codes.is_right(challenge, code):
            raise WrongCode


def _binding(challenge: Challenge) -> str | None:
    from_app = challenge.channel is Channel.APP or challenge.delivery is Delivery.OPEN_APP
    return None if from_app else challenge.id

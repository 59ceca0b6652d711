"""Which phone, by which channel."""

from dataclasses import dataclass

from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import FactorUnknown, NoFactor
from services.twofactor.model.factor import Enrolment, read_factor_id
from services.twofactor.ports import Enrolments


@dataclass(frozen=True)
class Choice:
    """What the person chose: a factor by its id, or a channel of the phone they used last. One of the two."""

    factor_id: str | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class ChooseFactor:
    """Finds what was chosen among the person's own."""

    enrolments: Enrolments

    async def __call__(self, user: str, choice: Choice) -> tuple[Enrolment, Channel]:
        """Raises `NoFactor` if there is none at all, `FactorUnknown` if not this one."""
        enrolments = await self.enrolments.of_user(user)
        if not enrolments:
            raise NoFactor
        if choice.channel is not None:
            return max(enrolments, key=_last_use), choice.channel
        named = read_factor_id(choice.factor_id or "")
        found = next((e for e in enrolments if named and e.id == named[1]), None)
        if named is None or found is None:
            raise FactorUnknown
        return found, named[0]


def _last_use(enrolment: Enrolment) -> float:
    return enrolment.last_used_at.timestamp() if enrolment.last_used_at else 0.0

"""Which of a person's factors, by which channel."""

from dataclasses import dataclass

from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import FactorUnknown, NoFactor
from services.twofactor.model.factor import Enrolment, read_factor_id
from services.twofactor.ports import Enrolments


@dataclass(frozen=True)
class Choice:
    """What the person chose: a factor by its id, or a channel, of what they used last that has it. One of the two."""

    factor_id: str | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class ChooseFactor:
    """Finds what was chosen among the person's own."""

    enrolments: Enrolments
    kinds: Kinds

    async def __call__(self, user: str, choice: Choice) -> tuple[Enrolment, Channel]:
        """Raises `NoFactor` if there is none at all, `FactorUnknown` if not this one."""
        enrolments = await self.enrolments.of_user(user)
        if not enrolments:
            raise NoFactor
        named = (choice.channel, None) if choice.channel else read_factor_id(choice.factor_id or "")
        if named is None:
            raise FactorUnknown
        channel, id_ = named
        able = [e for e in enrolments if id_ in {None, e.id} and channel in self.kinds.of(e).channels]
        if not able:
            raise FactorUnknown
        return max(able, key=_last_use), channel


def _last_use(enrolment: Enrolment) -> float:
    return enrolment.last_used_at.timestamp() if enrolment.last_used_at else 0.0

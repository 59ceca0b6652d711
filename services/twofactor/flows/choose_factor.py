"""Which of a person's factors, by which channel."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import SHOWN_BY_APPS, Channel
from services.twofactor.model.errors import FactorUnknown, NoFactor
from services.twofactor.model.factor import Enrolment, read_factor_id
from services.twofactor.ports import Enrolments


@dataclass(frozen=True)
class Choice:
    """What the person chose: a factor by its id, or a channel, of what they used last that has it. One of the two.

    Who chose neither has a code at hand, and did not say from where: one that an app shows.
    """

    factor_id: str | None = None
    channel: Channel | None = None

    def fits(self, challenge: Challenge) -> bool:
        """Whether this challenge asks for what was chosen."""
        if self.factor_id is not None:
            return challenge.factor_id == self.factor_id
        return challenge.channel in ((self.channel,) if self.channel else SHOWN_BY_APPS)

    @property
    def is_shown_by_an_app(self) -> bool:
        """Whether it is a code that an app shows, or nothing at all."""
        return all(channel in SHOWN_BY_APPS for channel, _ in self.ways())

    def ways(self) -> Sequence[tuple[Channel, str | None]]:
        """Channels, each with the one enrolment that is meant or any, best first; none if there is no such factor."""
        if self.factor_id is not None:
            named = read_factor_id(self.factor_id)
            return [named] if named else []
        return [(channel, None) for channel in ((self.channel,) if self.channel else SHOWN_BY_APPS)]


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
        for channel, id_ in choice.ways():
            able = [e for e in enrolments if id_ in {None, e.id} and channel in self.kinds.of(e).channels]
            if able:
                return max(able, key=_last_use), channel
        raise FactorUnknown


def _last_use(enrolment: Enrolment) -> float:
    return enrolment.last_used_at.timestamp() if enrolment.last_used_at else 0.0

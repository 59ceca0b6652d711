"""The kinds of factors that this installation knows."""

from dataclasses import dataclass

from services.twofactor.model.channel import Channel
from services.twofactor.model.factor import Enrolment
from services.twofactor.ports_of_kinds import Kind


@dataclass(frozen=True)
class Kinds:
    """Who answers for an enrolment, or for a channel. `gone` answers for what nobody here knows any more."""

    known: tuple[Kind, ...]
    gone: Kind

    def of(self, enrolment: Enrolment) -> Kind:
        """The kind of this enrolment."""
        return next((kind for kind in self.known if kind.name == enrolment.provider), self.gone)

    def by(self, channel: Channel) -> Kind:
        """The kind that is asked by this channel."""
        return next((kind for kind in self.known if channel in kind.channels), self.gone)

"""Enrolments of a vendor that this installation speaks to no more: listed, so that they can be removed."""

from typing import NoReturn

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import PHONE_CHANNELS
from services.twofactor.model.errors import AccountUnknown
from services.twofactor.model.factor import Enrolment, Word


class Gone:
    """Implements `ports_of_kinds.Kind`: nothing can be asked and nothing is right."""

    name = "gone"
    channels = PHONE_CHANNELS

    async def states(self, enrolment: Enrolment, kept: Word | None) -> NoReturn:
        """Raises `AccountUnknown`."""
        del kept
        raise AccountUnknown(enrolment.provider)

    async def at_hand(self, enrolment: Enrolment, kept: Word | None) -> NoReturn:
        """Raises `AccountUnknown`."""
        del kept
        raise AccountUnknown(enrolment.provider)

    async def send(self, challenge: Challenge, counted_as: str) -> NoReturn:
        """Raises `AccountUnknown`."""
        raise AccountUnknown(challenge.channel, counted_as)

    def read_code(self, typed: str) -> str:
        """Whatever was typed: it is refused a line later."""
        return typed

    async def require_code(self, challenge: Challenge, code: str) -> NoReturn:
        """Raises `AccountUnknown`; the code is not looked at."""
        del code
        raise AccountUnknown(challenge.channel)

    async def forget(self, enrolment: Enrolment) -> None:
        """There is nobody to tell."""

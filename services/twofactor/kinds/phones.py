"""Phones at a vendor: asked by push, app code, text or call."""

import re
from dataclasses import dataclass

import structlog

from services.twofactor.flows.ask_states import AskStates
from services.twofactor.flows.require_code import RequireCode
from services.twofactor.flows.send_challenge import SendChallenge
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import PHONE_CHANNELS, Channel
from services.twofactor.model.errors import AccountUnknown, CodeMalformed, ProviderUnavailable
from services.twofactor.model.factor import Enrolment, Word
from services.twofactor.ports import Provider

log = structlog.get_logger()

# ASCII digits only: `\d` and `isdigit` take those of every script, and this becomes part of the vendor's URL.
_CODE = re.compile(r"[0-9]{6,12}")


@dataclass(frozen=True)
class Phones:
    """Implements `ports_of_kinds.Kind` over a `ports.Provider`."""

    provider: Provider
    asking: AskStates
    sending: SendChallenge
    judging: RequireCode
    channels: tuple[Channel, ...] = PHONE_CHANNELS

    @property
    def name(self) -> str:
        """The vendor's."""
        return self.provider.name

    async def states(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """The vendor's word, or that it said none in time."""
        return await self.asking(enrolment, kept)

    async def at_hand(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """What the vendor said seconds ago."""
        del enrolment
        return self.asking.at_hand(kept)

    async def send(self, challenge: Challenge, counted_as: str) -> Challenge:
        """Pushes, texts or calls."""
        return await self.sending(challenge, counted_as)

    def read_code(self, typed: str) -> str:
        """6 to 12 digits: the app's, a text's, a call's, and those that stand in a push."""
        if not _CODE.fullmatch(typed):
            raise CodeMalformed
        return typed

    async def require_code(self, challenge: Challenge, code: str) -> None:
        """Asks the vendor, once; the number in a push is known here."""
        await self.judging(challenge, code)

    async def forget(self, enrolment: Enrolment) -> None:
        """Tells the vendor, which takes a day anyway: its failure is no failure of the removal."""
        try:
            await self.provider.remove(enrolment.account)
        except (ProviderUnavailable, AccountUnknown) as failed:
            log.warning("vendor_still_knows", factor=enrolment.id, kind=type(failed).__name__)

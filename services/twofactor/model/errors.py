"""Every refusal of this service, in words of the domain. What each means in HTTP stands in `problems.py`."""

from collections.abc import Mapping

from services.twofactor.model.channel import Channel, Unavailable


class Refusal(Exception):
    """Something this service will not do. `members` go into the answer's body."""

    members: Mapping[str, object] = {}
    retry_after: int | None = None


class ProviderUnavailable(Refusal):
    """The provider did not answer, or answered nonsense: try again, or another way."""


class ProviderMisconfigured(ProviderUnavailable):
    """The provider refuses us, not the person (bad API key, suspended application): the operator must act."""


class ChannelUnavailable(Refusal):
    """This channel does not work for this person now: offer another."""

    def __init__(self, channel: Channel, reason: Unavailable) -> None:
        super().__init__(channel, reason)
        self.channel, self.reason = channel, reason
        self.members = {"channel": channel, "reason": reason}


class AccountUnknown(Refusal):
    """The provider no longer knows the person: they must enrol again."""


class PhoneRefused(Refusal):
    """The number, or the e-mail with it, cannot be enrolled."""


class WrongCode(Refusal):
    """The code is not right."""


class ReusedCode(WrongCode):
    """The code was right once and has been used: wait for the next one."""


class ForgedCallback(Refusal):
    """A callback that the provider did not send, or not now, or not for this."""

"""What is counted before it happens, and what each count means (`model/limits.py`)."""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from functools import partial

from chassis.asked import Asked
from chassis.limits import Count, Limit, Limiter, Take
from countersign import PartialToken
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel, Unavailable
from services.twofactor.model.context import Context
from services.twofactor.model.errors import ChannelUnavailable, TooManyAttempts, TooManyCodes
from services.twofactor.model.limits import Limits


@dataclass(frozen=True)
class Guard:
    """`served`: the calling codes of the countries that texts and calls go to, None for all.

    What is no coroutine is on its way when it has been asked: see `chassis.asked`.
    """

    limiter: Limiter
    limits: Limits
    served: frozenset[int] | None = None

    def require_challenge(self, login: PartialToken, context: Context) -> Awaitable[Take]:
        """Counts a challenge; raises `TooManyAttempts`."""
        return self._require_room(
            _own(login, self.limits.challenge_person, self.limits.challenge_device),
            self.limits.challenge_network.by(context.network),
        )

    async def require_enrolment(self, user: str, context: Context) -> None:
        """Counts a phone or an app that is to be enrolled; raises `TooManyAttempts`."""
        await self._require_room(self.limits.enrol_person.by(user), self.limits.enrol_network.by(context.network))

    async def require_sending(self, challenge: Challenge, counted_as: str) -> Take:
        """Counts a push, text or call before it goes out; raises `ChannelUnavailable`, there may be other ways."""
        if not self._is_served(challenge):
            raise ChannelUnavailable(challenge.channel, Unavailable.NUMBER_UNSUITABLE)
        take = await self.limiter.take(*self._counts(challenge, counted_as))
        if take.refused:
            refusal = ChannelUnavailable(challenge.channel, Unavailable.LIMIT_REACHED)
            refusal.retry_after = take.retry_after
            raise refusal
        return take

    def require_guess(self, login: PartialToken) -> Awaitable[Take]:
        """Counts a code before it is checked; raises `TooManyCodes`."""
        own = _own(login, self.limits.code_person, self.limits.code_device)
        return Asked(self.limiter.take(own), partial(_require, TooManyCodes))

    def require_code_at_hand(self, login: PartialToken, context: Context) -> Awaitable[Take]:
        """Counts a challenge and a guess, both or neither; answers the guess, which may be undone.

        Raises `TooManyAttempts`, or `TooManyCodes` where there is room for the challenge.
        """
        guess = _own(login, self.limits.code_person, self.limits.code_device)
        counted = self.limiter.take(
            _own(login, self.limits.challenge_person, self.limits.challenge_device),
            self.limits.challenge_network.by(context.network),
            guess,
        )
        return Asked(counted, partial(_require_both, guess))

    async def count_forgery(self, context: Context) -> None:
        """Counts a callback that nobody signed; raises `TooManyAttempts`."""
        await self._require_room(self.limits.callback_network.by(context.network))

    def undo(self, take: Take) -> Awaitable[None]:
        """It was none after all: nothing was sent, or nobody was wrong."""
        return self.limiter.give_back(*take.counts, at=take.at)

    def _require_room(self, *counts: Count) -> Awaitable[Take]:
        return Asked(self.limiter.take(*counts), partial(_require, TooManyAttempts))

    def _is_served(self, challenge: Challenge) -> bool:
        costs = challenge.channel in {Channel.SMS, Channel.VOICE}
        return not costs or self.served is None or challenge.calling_code in self.served

    def _counts(self, challenge: Challenge, counted_as: str) -> list[Count]:
        # Strangers who use up what there is for phones that never confirmed leave those that did their own.
        everybody = "other phones" if counted_as == challenge.account else "confirmed phones"
        country = str(challenge.calling_code or "")
        limits = self.limits
        match challenge.channel:
            case Channel.SMS:
                counted = limits.text_phone, limits.text_country, limits.text_everybody
            case Channel.VOICE:
                counted = limits.call_phone, limits.call_country, limits.call_everybody
            case _:
                return [limits.push_phone.by(counted_as)]
        phone, of_country, of_all = counted
        return [phone.by(counted_as), of_country.by(everybody, country), of_all.by(everybody)]


def _require(refusal: type[TooManyAttempts | TooManyCodes], take: Take) -> Take:
    if take.refused:
        raise refusal(take.retry_after)
    return take


def _require_both(guess: Count, take: Take) -> Take:
    is_guess = all(standing.limit is guess.limit for standing in take.refused)
    _require(TooManyCodes if is_guess else TooManyAttempts, take)
    return replace(take, counts=(guess,))


def _own(login: PartialToken, strangers: Limit, known: Limit) -> Count:
    # Who has the password uses up what strangers have. A device on which the owner signed in before has its own: no
    # number of tries elsewhere stands in its way.
    return known.by(login.subject, login.device) if login.device else strangers.by(login.subject)

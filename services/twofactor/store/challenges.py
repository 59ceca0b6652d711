"""Challenges in Valkey: each step is one script on one hash slot, and each move is told to whoever waits."""

import re
from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from typing import Any

from redis.asyncio import Redis

from chassis.asked import Asked, side_by_side
from chassis.valkey_asking import Script, ask, pairs
from services.twofactor.model.challenge import CODE_WANTED, Challenge, Status
from services.twofactor.model.channel import Delivery
from services.twofactor.model.errors import ChallengePending, TooManyChallenges
from services.twofactor.store import challenge_codec as codec
from services.twofactor.store import scripts
from services.twofactor.store.announcement import CHANNEL, announcement

# Texts from tokens, addresses and callbacks become keys: nothing that could name another key or another slot.
_KEY_PART = re.compile(r"[A-Za-z0-9_-]{1,64}")
# A login's challenges outlive its partial token by a little, so that a late look finds out what became of them.
_AFTERLIFE = timedelta(seconds=90)
_WANTED = [status.value for status in CODE_WANTED]


class ValkeyChallenges:
    """Implements `ports.Challenges`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._latest, self._open = Script(client, scripts.LATEST), Script(client, scripts.OPEN)
        self._move, self._bind = Script(client, scripts.MOVE), Script(client, scripts.BIND)
        self._delivered = Script(client, scripts.DELIVERED)
        self._take_try, self._give_try_back = Script(client, scripts.TAKE_TRY), Script(client, scripts.GIVE_TRY_BACK)

    def open(self, challenge: Challenge, *, at_most: int) -> Awaitable[None]:
        """Stores the login's one open challenge; raises `ChallengePending`, `TooManyChallenges`."""
        keys = [_place(challenge.login), _key(challenge.login, challenge.id)]
        head: list[codec.Written] = [codec.pack(challenge.id), at_most, _ttl(challenge)]
        answer = self._open(keys, [*head, *_pairs(codec.all_fields(challenge))])
        return Asked(answer, partial(_require_opened, challenge.id))

    def by_id(self, login: str, challenge_id: str) -> Awaitable[Challenge | None]:
        """The challenge as it is stored; texts that cannot name one are None."""
        if not (_KEY_PART.fullmatch(login) and _KEY_PART.fullmatch(challenge_id)):
            return side_by_side(_none())
        return Asked(ask(self._client, "HGETALL", _key(login, challenge_id)), partial(_found, login, challenge_id))

    def latest(self, login: str) -> Awaitable[Challenge | None]:
        """The login's newest challenge, whatever became of it."""
        if not _KEY_PART.fullmatch(login):
            return side_by_side(_none())
        return Asked(self._latest([_place(login)], [_key(login, "")]), partial(_newest, login))

    def move(self, moved: Challenge, *, expected: Status, closes: bool) -> Awaitable[bool]:
        """Writes the next status and tells the waiters, unless the status is not `expected` any more (False)."""
        keys = [_key(moved.login, moved.id), _place(moved.login)]
        head = [expected.value, codec.pack(moved.id), int(closes), _ttl(moved), CHANNEL, announcement(moved)]
        return Asked(self._move(keys, [*head, *_pairs(codec.moving_fields(moved))]), bool)

    async def bind(self, challenge: Challenge, reference: str) -> str:
        """Stores the provider's reference of a push unless one is bound; answers the bound one, "" if all is gone."""
        answer: bytes = await self._bind([_key(challenge.login, challenge.id)], [codec.pack(reference)])
        return codec.unpack(answer)

    async def delivered(self, challenge: Challenge, delivery: Delivery) -> None:
        """Notes what became of a code that was to be sent."""
        await self._delivered([_key(challenge.login, challenge.id)], [codec.delivery_letter(delivery)])

    def take_try(self, challenge: Challenge) -> Awaitable[int | None]:
        """Spends one try where a code is wanted, answers how many are left; None if there was none to spend."""
        left = self._take_try([_key(challenge.login, challenge.id)], _WANTED)
        return Asked(left, lambda said: None if said < 0 else said)

    async def give_try_back(self, challenge: Challenge) -> None:
        """Undoes `take_try` if the challenge still wants a code: the vendor never judged the code."""
        await self._give_try_back([_key(challenge.login, challenge.id)], _WANTED)


def _require_opened(challenge_id: str, answer: bytes) -> None:
    if answer == b"many":
        raise TooManyChallenges
    # Its own id: the connection broke after the first time, and the client sent the script again.
    if answer and codec.unpack(answer) != challenge_id:
        raise ChallengePending(codec.unpack(answer))


async def _none() -> None:
    """Nothing is asked."""


def _found(login: str, challenge_id: str, stored: Any) -> Challenge | None:
    return codec.read(login, challenge_id, pairs(stored)) if stored else None


def _newest(login: str, answer: Any) -> Challenge | None:
    return _found(login, answer[0].decode(), answer[1]) if answer else None


def _place(login: str) -> str:
    return f"twofactor:{{{login}}}:open"


def _key(login: str, challenge_id: str) -> str:
    return f"twofactor:{{{login}}}:challenge:{challenge_id}"


def _ttl(challenge: Challenge) -> int:
    """Milliseconds until nobody may ask for it any more."""
    left = max(challenge.login_ends_at - challenge.updated_at, timedelta(0)) + _AFTERLIFE
    return left // timedelta(milliseconds=1)


def _pairs(fields: dict[str, codec.Written]) -> list[codec.Written]:
    return [part for pair in fields.items() for part in pair]

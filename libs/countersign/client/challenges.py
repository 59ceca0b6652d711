"""Challenges: the question to the person's phone, and waiting for the answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import quote

from countersign.client.answers import Challenge, ChallengeStatus
from countersign.client.calls import FREELY, Call, Calls
from countersign.client.following import follow

LONGEST_POLL = 25


class Challenges:
    """`/v1/mfa/challenges`, with the partial token of the login that they belong to."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    async def open(self, mfa_token: str, channel: str | None = None, *, factor_id: str | None = None) -> Challenge:
        """Asks the person by one channel or factor. Never repeated once sent: it rings a phone.

        Raises `ChallengePending` (wait for that one, or cancel it), `FactorUnavailable`, `EnrolmentRequired`,
        `TooMany`.
        """
        chosen = {"channel": channel, "factor_id": factor_id}
        body = {name: value for name, value in chosen.items() if value is not None}
        return Challenge.read(await self.calls(Call("POST", "/v1/mfa/challenges", token=mfa_token, json=body)))

    async def show(self, mfa_token: str, challenge_id: str) -> Challenge:
        """The state now. Not more often than `interval`, else `TooMany`; to wait, use `wait` or `follow`."""
        return Challenge.read(await self.calls(Call("GET", _path(challenge_id), FREELY, token=mfa_token)))

    async def wait(self, mfa_token: str, challenge_id: str, seconds: float = 150.0) -> Challenge:
        """The state once it is settled, by long-poll (RFC 7240); raises TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds):
            while True:
                state = await self._poll(mfa_token, challenge_id)
                if not state.is_pending:
                    return state
                # A server that is about to stop lets its waiters go early.
                await self.calls.sleep(self.calls.patience.pause(3))

    async def follow(self, mfa_token: str, challenge_id: str) -> AsyncGenerator[ChallengeStatus]:
        """Each state as it comes, the present one first, until it is settled: by server-sent events.

        A stream that breaks is taken up where it broke. Close it when you stop early (`contextlib.aclosing`).
        """
        async with aclosing(follow(self.calls, f"{_path(challenge_id)}/events", mfa_token)) as events:
            async for document in events:
                state = ChallengeStatus.read(document)
                yield state
                if not state.is_pending:
                    return

    async def answer(self, mfa_token: str, challenge_id: str, code: str) -> Challenge:
        """A code from the app, a text or a call, or the number in a push, which has to be approved all the same.

        Never repeated once sent: tries are counted. Raises `InvalidCode`.
        """
        call = Call("POST", f"{_path(challenge_id)}/code", token=mfa_token, json={"code": code})
        return Challenge.read(await self.calls(call))

    async def cancel(self, mfa_token: str, challenge_id: str) -> None:
        """Takes the question back; to cancel twice is the same as once. `LoginOver` if it is decided already."""
        await self.calls(Call("DELETE", _path(challenge_id), FREELY, token=mfa_token))

    async def _poll(self, mfa_token: str, challenge_id: str) -> Challenge:
        headers = {"Prefer": f"wait={LONGEST_POLL}"}
        call = Call("GET", _path(challenge_id), FREELY, token=mfa_token, headers=headers, waits=LONGEST_POLL)
        return Challenge.read(await self.calls(call))


def _path(challenge_id: str) -> str:
    return f"/v1/mfa/challenges/{quote(challenge_id, safe='')}"

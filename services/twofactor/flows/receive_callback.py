"""Receives the provider's callback.

    read (signature, freshness) -> not seen -> ours -> the same account and request -> the table -> remember as seen

Remembering comes last, on purpose. If it came first and anything after it failed (Valkey away, this process killed),
the provider's retry of the very same callback would be refused as a replay and the person's approval would be lost.
Coming last it costs nothing: a replay in between finds a challenge that is already approved, and approving it again
changes nothing; every other status refuses. The mark only makes the refusal of replays visible. If writing the mark
fails, the provider retries, the transition is "(same)", and the mark is written then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from services.twofactor.flows.guard import Guard
from services.twofactor.flows.judge_answer import JudgeAnswer
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.context import Context
from services.twofactor.model.errors import (
    CallbackMismatch,
    ChallengeClosed,
    ChallengeUnknown,
    ForgedCallback,
    ReplayedCallback,
)
from services.twofactor.model.events import AuditEvent, What, of_challenge
from services.twofactor.model.provider import PushAnswer
from services.twofactor.ports import CallbackReader, Challenges, Events, SeenMarks

log = structlog.get_logger()
_REASONS: Mapping[type[Exception], str] = {
    ForgedCallback: "forged",
    ReplayedCallback: "replayed",
    CallbackMismatch: "mismatch",
    ChallengeUnknown: "unknown_challenge",
}
_REFUSED = tuple(_REASONS)


@dataclass(frozen=True)
class Letter:
    """A callback as it came."""

    method: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class ReceiveCallback:
    """Lets a person's answer take effect."""

    reader: CallbackReader
    guard: Guard
    seen: SeenMarks
    challenges: Challenges
    judge: JudgeAnswer
    events: Events

    async def __call__(self, letter: Letter, context: Context) -> Challenge:
        """What it was about; it has taken effect or came too late. Raises `ForgedCallback`, `ReplayedCallback`, ..."""
        try:
            mark, answer = await self._believed(letter, context)
            await self._require_new(mark)
            challenge = await self._require_ours(answer)
            await self._take(challenge, answer)
        except _REFUSED as refused:
            self.events.note(AuditEvent(What.CALLBACK_REFUSED, reason=_REASONS[type(refused)]))
            raise
        await self.seen.add(mark)
        return challenge

    async def _require_new(self, mark: str) -> None:
        if await self.seen.has(mark):
            raise ReplayedCallback

    async def _take(self, challenge: Challenge, answer: PushAnswer) -> None:
        try:
            await self.judge(challenge, answer)
        except ChallengeClosed as closed:
            # An honest answer that came too late is no fault of the provider's: thanked, and nothing opens.
            self.events.note(of_challenge(What.CALLBACK_TOO_LATE, challenge, closed.status))

    async def _believed(self, letter: Letter, context: Context) -> tuple[str, PushAnswer]:
        try:
            return self.reader.read(method=letter.method, headers=letter.headers, body=letter.body)
        except ForgedCallback as forged:
            # After the signature, so that a flood of forgeries keeps no genuine one out; before the line in the log.
            await self.guard.count_forgery(context)
            log.warning("callback_forged", reason=forged.reason)
            raise

    async def _require_ours(self, answer: PushAnswer) -> Challenge:
        login, challenge_id = answer.hidden_details.get("login", ""), answer.hidden_details.get("challenge", "")
        challenge = await self.challenges.by_id(login, challenge_id)
        if challenge is None:
            log.warning("callback_for_nothing", reference=answer.reference)
            raise ChallengeUnknown
        return challenge

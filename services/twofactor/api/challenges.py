"""`/v1/mfa/challenges`: open, show, answer, cancel. Each with the partial token that opened it."""

from math import ceil
from typing import Literal

from aiohttp import web
from pydantic import Field, model_validator

from chassis.bodies import Body, read_json
from chassis.clock import Clock
from chassis.responses import json_response
from services.twofactor.api.bearer import require_partial, require_standing
from services.twofactor.api.context import read_context
from services.twofactor.flows.answer_code import AnswerCode
from services.twofactor.flows.cancel import Cancel
from services.twofactor.flows.choose_factor import Choice
from services.twofactor.flows.open_challenge import OpenChallenge
from services.twofactor.flows.show_challenge import ShowChallenge
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel
from services.twofactor.model.moments import rfc3339
from services.twofactor.model.places import Places

OPEN: web.AppKey[OpenChallenge] = web.AppKey("OPEN", OpenChallenge)
SHOW: web.AppKey[ShowChallenge] = web.AppKey("SHOW", ShowChallenge)
ANSWER: web.AppKey[AnswerCode] = web.AppKey("ANSWER", AnswerCode)
CANCEL: web.AppKey[Cancel] = web.AppKey("CANCEL", Cancel)
# What pages and prompts call this installation, and the networks that it knows; the clock that "expires_in" is told by.
SERVICE_NAME: web.AppKey[str] = web.AppKey("SERVICE_NAME", str)
PLACES: web.AppKey[Places] = web.AppKey("PLACES", Places)
CLOCK: web.AppKey[Clock] = web.AppKey("CLOCK")
# Seconds between two looks of a client that polls (RFC 8628 section 3.2).
INTERVAL = 2


class ChallengeBody(Body):
    """`{"factor_id": "push-..."}` or `{"channel": "push"}`."""

    factor_id: str | None = Field(None, max_length=64)
    channel: Literal["push", "app", "sms", "voice", "totp", "recovery"] | None = None

    @model_validator(mode="after")
    def require_one(self) -> "ChallengeBody":
        """Exactly one of the two."""
        if (self.factor_id is None) == (self.channel is None):
            msg = "give either factor_id or channel"
            raise ValueError(msg)
        return self

    def choice(self) -> Choice:
        """What was chosen."""
        return Choice(self.factor_id, Channel(self.channel) if self.channel else None)


class CodeBody(Body):
    """`{"code": "1234567"}`; a recovery code as it is printed."""

    code: str = Field(max_length=64)


async def open_challenge(request: web.Request) -> web.Response:
    """`POST /v1/mfa/challenges`: 201."""
    partial = await require_partial(request)
    await require_standing(request, partial)
    body = await read_json(request, ChallengeBody)
    challenge = await request.app[OPEN](partial, body.choice(), read_context(request))
    return _shown(request, challenge, 201)


async def show_challenge(request: web.Request) -> web.Response:
    """`GET /v1/mfa/challenges/{id}`."""
    partial = await require_partial(request)
    challenge = await request.app[SHOW](partial, request.match_info["id"])
    return _shown(request, challenge)


async def answer_code(request: web.Request) -> web.Response:
    """`POST /v1/mfa/challenges/{id}/code`."""
    partial = await require_partial(request)
    body = await read_json(request, CodeBody)
    challenge = await request.app[ANSWER](partial, request.match_info["id"], body.code)
    return _shown(request, challenge)


async def cancel_challenge(request: web.Request) -> web.Response:
    """`DELETE /v1/mfa/challenges/{id}`: 204."""
    partial = await require_partial(request)
    await request.app[CANCEL](partial, request.match_info["id"])
    return web.Response(status=204)


def _shown(request: web.Request, challenge: Challenge, status: int = 200) -> web.Response:
    left = (challenge.expires_at - request.app[CLOCK]()).total_seconds()
    shown = {
        "id": challenge.id,
        "channel": challenge.channel,
        "factor_id": challenge.factor_id,
        "name": challenge.name,
        "status": challenge.status.told,
        "waiting_for": challenge.status.waiting_for,
        "reason": challenge.reason or None,
        "created_at": rfc3339(challenge.created_at),
        "updated_at": rfc3339(challenge.updated_at),
        "expires_at": rfc3339(challenge.expires_at),
        "expires_in": max(ceil(left), 0),
        "interval": INTERVAL,
        "binding_method": "prompt" if challenge.bound else "none",
        "delivery": challenge.delivery,
        "tries_left": challenge.tries_left,
        "context": {
            "service": request.app[SERVICE_NAME],
            "place": request.app[PLACES].of(challenge.context.address),
            "browser": challenge.context.browser,
            "address": challenge.context.address,
            "time": rfc3339(challenge.created_at),
        },
    }
    return json_response(shown, status)

"""`POST /v1/mfa/receipts` and the keys that receipts are verified with."""

from typing import Literal

from aiohttp import web
from pydantic import Field, field_validator, model_validator

from chassis.bodies import Body, read_json
from chassis.keyring import KeyRing
from chassis.responses import json_response
from services.twofactor.api.bearer import require_partial
from services.twofactor.api.challenges import CLOCK
from services.twofactor.api.context import read_context
from services.twofactor.flows.choose_factor import Choice
from services.twofactor.flows.code_at_hand import CodeAtHand
from services.twofactor.flows.issue_receipt import IssueReceipt
from services.twofactor.model.channel import SENDING, Channel

ISSUE: web.AppKey[IssueReceipt] = web.AppKey("ISSUE", IssueReceipt)
CODE_AT_HAND: web.AppKey[CodeAtHand] = web.AppKey("CODE_AT_HAND", CodeAtHand)
_SENDS = "this way sends something first: open a challenge"
RING: web.AppKey[KeyRing] = web.AppKey("RING", KeyRing)


class CodeAtHandBody(Body):
    """`{"code": "123456"}`, and from where it is if that is not an app: `channel` or `factor_id`."""

    code: str = Field(max_length=64)
    factor_id: str | None = Field(None, max_length=64)
    channel: Literal["app", "totp", "recovery"] | None = None

    @field_validator("factor_id")
    @classmethod
    def require_at_hand(cls, factor_id: str | None) -> str | None:
        """Not one whose code has to be sent first."""
        if factor_id is not None and factor_id.startswith(tuple(f"{channel}-" for channel in SENDING)):
            raise ValueError(_SENDS)
        return factor_id

    @field_validator("channel", mode="before")
    @classmethod
    def require_channel_at_hand(cls, channel: object) -> object:
        """The same said of a channel."""
        if channel in tuple(SENDING):
            raise ValueError(_SENDS)
        return channel

    @model_validator(mode="after")
    def require_at_most_one(self) -> "CodeAtHandBody":
        """Or none."""
        if self.factor_id is not None and self.channel is not None:
            msg = "give either factor_id or channel, or neither"
            raise ValueError(msg)
        return self

    def choice(self) -> Choice:
        """What was chosen."""
        return Choice(self.factor_id, Channel(self.channel) if self.channel else None)


async def issue_receipt(request: web.Request) -> web.Response:
    """Consumes the approval of the token's login; with a code in its body, asks for it and answers it before."""
    partial = await require_partial(request)
    if request.body_exists:
        body = await read_json(request, CodeAtHandBody)
        issued = await request.app[CODE_AT_HAND](partial, body.code, body.choice(), read_context(request))
    else:
        issued = await request.app[ISSUE](partial)
    left = int((issued.expires_at - request.app[CLOCK]()).total_seconds())
    return json_response({"receipt": issued.text, "expires_in": max(left, 0)})


async def show_keys(request: web.Request) -> web.Response:
    """`GET /.well-known/jwks.json` (RFC 7517 section 5)."""
    return json_response(request.app[RING].jwks(), headers={"Cache-Control": "public, max-age=60"})

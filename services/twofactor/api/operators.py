"""`/v1/mfa/users/{user}/...`: what auth's command line carries here. Not an address of the gateway."""

from dataclasses import replace

from aiohttp import web
from pydantic import Field

from chassis.bodies import Body, read_json
from chassis.origin import coming_from, origin
from chassis.responses import json_response
from services.twofactor.flows.read_operator import ReadOperator
from services.twofactor.flows.reset_factors import ResetFactors
from services.twofactor.flows.void_logins import VoidLogins

READ_OPERATOR: web.AppKey[ReadOperator] = web.AppKey("READ_OPERATOR", ReadOperator)
RESET: web.AppKey[ResetFactors] = web.AppKey("RESET", ResetFactors)
VOID: web.AppKey[VoidLogins] = web.AppKey("VOID", VoidLogins)


class ReasonBody(Body):
    """`{"reason": "ticket 4711", "by": "operator ada@host"}`: the operator's words, for the record."""

    reason: str = Field(max_length=500)
    by: str = Field(max_length=200)


class ResetBody(ReasonBody):
    """The same with the person's address: it goes with whatever they enrol next, and only auth knows it."""

    email: str = Field(max_length=320, repr=False)


async def reset_factors(request: web.Request) -> web.Response:
    """`POST /v1/mfa/users/{user}/reset`: 200 with how many factors there were, and the code to hand over."""
    user = request.match_info["user"]
    await request.app[READ_OPERATOR].require(request.headers, "factors:reset", user)
    body = await read_json(request, ResetBody)
    with coming_from(replace(origin(), actor=body.by)):
        done = await request.app[RESET](user, body.email, body.reason)
    return json_response({"factors": done.factors, "code": done.code})


async def void_logins(request: web.Request) -> web.Response:
    """`POST /v1/mfa/users/{user}/void`: 200, also where there was nothing."""
    user = request.match_info["user"]
    await request.app[READ_OPERATOR].require(request.headers, "logins:void", user)
    body = await read_json(request, ReasonBody)
    with coming_from(replace(origin(), actor=body.by)):
        await request.app[VOID](user, body.reason)
    return json_response({"voided": True})

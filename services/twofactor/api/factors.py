"""`/v1/mfa/factors`: list, enrol, remove."""

from aiohttp import web
from pydantic import Field

from chassis.bodies import Body, read_json
from chassis.responses import json_response
from countersign import PartialToken
from services.twofactor.api.bearer import require_either, require_session
from services.twofactor.flows.enrol import EnrolAnother, EnrolFirst
from services.twofactor.flows.list_factors import ListFactors
from services.twofactor.flows.remove_factor import RemoveFactor
from services.twofactor.phones import parse_phone

LIST: web.AppKey[ListFactors] = web.AppKey("LIST", ListFactors)
ENROL_FIRST: web.AppKey[EnrolFirst] = web.AppKey("ENROL_FIRST", EnrolFirst)
ENROL_ANOTHER: web.AppKey[EnrolAnother] = web.AppKey("ENROL_ANOTHER", EnrolAnother)
REMOVE: web.AppKey[RemoveFactor] = web.AppKey("REMOVE", RemoveFactor)


class PhoneBody(Body):
    """`{"country_code": "44", "number": "7911 123456"}`: calling code and national number as text."""

    country_code: str = Field(max_length=8)
    number: str = Field(max_length=64)


class FactorBody(Body):
    """`{"phone": {...}}`."""

    phone: PhoneBody


async def list_factors(request: web.Request) -> web.Response:
    """`GET /v1/mfa/factors`."""
    person = await require_either(request)
    return await _listed(request, person.subject, 200)


async def enrol_factor(request: web.Request) -> web.Response:
    """`POST /v1/mfa/factors`: 201 with all factors."""
    person = await require_either(request)
    body = await read_json(request, FactorBody)
    phone = parse_phone(body.phone.country_code, body.phone.number)
    if isinstance(person, PartialToken):
        await request.app[ENROL_FIRST](person, phone)
    else:
        await request.app[ENROL_ANOTHER](person, phone)
    return await _listed(request, person.subject, 201)


async def remove_factor(request: web.Request) -> web.Response:
    """`DELETE /v1/mfa/factors/{id}`: 204."""
    session = await require_session(request)
    await request.app[REMOVE](session, request.match_info["id"])
    return web.Response(status=204)


async def _listed(request: web.Request, user: str, status: int) -> web.Response:
    factors = await request.app[LIST](user)
    return json_response({"factors": [factor.shown() for factor in factors]}, status)

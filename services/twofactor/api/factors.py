"""`/v1/mfa/factors` and `/v1/mfa/recovery-codes`: list, enrol, confirm, remove."""

from aiohttp import web
from pydantic import Field, model_validator

from chassis.bodies import Body, read_json
from chassis.responses import json_response
from countersign import AccessToken, PartialToken
from services.twofactor.api.bearer import require_either, require_session, require_standing
from services.twofactor.api.challenges import CodeBody
from services.twofactor.api.context import read_context
from services.twofactor.crypto.totp import base32
from services.twofactor.flows.begin_totp import PENDING_LIFE, BeginTotp
from services.twofactor.flows.confirm_login import ConfirmLogin
from services.twofactor.flows.confirm_totp import ConfirmTotp
from services.twofactor.flows.enrol_phone import EnrolPhone
from services.twofactor.flows.list_factors import ListFactors
from services.twofactor.flows.new_recovery_codes import NewRecoveryCodes
from services.twofactor.flows.remove_factor import RemoveFactor
from services.twofactor.phones import parse_phone

LIST: web.AppKey[ListFactors] = web.AppKey("LIST", ListFactors)
ENROL_PHONE: web.AppKey[EnrolPhone] = web.AppKey("ENROL_PHONE", EnrolPhone)
BEGIN_TOTP: web.AppKey[BeginTotp] = web.AppKey("BEGIN_TOTP", BeginTotp)
CONFIRM_TOTP: web.AppKey[ConfirmTotp] = web.AppKey("CONFIRM_TOTP", ConfirmTotp)
CONFIRM_LOGIN: web.AppKey[ConfirmLogin] = web.AppKey("CONFIRM_LOGIN", ConfirmLogin)
NEW_CODES: web.AppKey[NewRecoveryCodes] = web.AppKey("NEW_CODES", NewRecoveryCodes)
# The countries whose phones are taken (ISO 3166), none for all.
SERVED: web.AppKey[frozenset[str]] = web.AppKey("SERVED", frozenset)
REMOVE: web.AppKey[RemoveFactor] = web.AppKey("REMOVE", RemoveFactor)


class PhoneBody(Body):
    """`{"country_code": "44", "number": "7911 123456"}`: calling code and national number as text."""

    country_code: str = Field(max_length=8)
    number: str = Field(max_length=64)


class TotpBody(Body):
    """`{}`: there is nothing to say of an app."""


class FactorBody(Body):
    """`{"phone": {...}}` or `{"totp": {}}`."""

    phone: PhoneBody | None = None
    totp: TotpBody | None = None

    @model_validator(mode="after")
    def require_one(self) -> "FactorBody":
        """Exactly one of the two."""
        if (self.phone is None) == (self.totp is None):
            msg = "give either phone or totp"
            raise ValueError(msg)
        return self


async def list_factors(request: web.Request) -> web.Response:
    """`GET /v1/mfa/factors`."""
    person = await require_either(request)
    return json_response({"factors": await _factors(request, person)})


async def enrol_factor(request: web.Request) -> web.Response:
    """`POST /v1/mfa/factors`: 201 with all factors; 202 with a secret that is to be confirmed."""
    person = await require_either(request)
    await require_standing(request, person)
    body = await read_json(request, FactorBody)
    return await (_begin_totp(request, person) if body.phone is None else _enrol_phone(request, person, body.phone))


async def _enrol_phone(request: web.Request, person: PartialToken | AccessToken, body: PhoneBody) -> web.Response:
    phone = parse_phone(body.country_code, body.number, request.app[SERVED])
    await request.app[ENROL_PHONE](person, phone, read_context(request))
    return json_response({"factors": await _factors(request, person)}, 201)


async def _begin_totp(request: web.Request, person: PartialToken | AccessToken) -> web.Response:
    begun = await request.app[BEGIN_TOTP](person, read_context(request))
    expires_in = int(PENDING_LIFE.total_seconds())
    shown = {"id": begun.id, "secret": base32(begun.secret), "uri": begun.uri, "expires_in": expires_in}
    return json_response(shown, 202)


async def confirm_factor(request: web.Request) -> web.Response:
    """`POST /v1/mfa/factors/{id}/confirmation`: the first code."""
    person = await require_either(request)
    await require_standing(request, person)
    body = await read_json(request, CodeBody)
    enrolment = await request.app[CONFIRM_TOTP](person, request.match_info["id"], body.code)
    confirmed = await request.app[CONFIRM_LOGIN](person, enrolment, read_context(request))
    return json_response({"factors": await _factors(request, person), "login_confirmed": confirmed}, 201)


async def make_recovery_codes(request: web.Request) -> web.Response:
    """`POST /v1/mfa/recovery-codes`: 201; no body is read."""
    session = await require_session(request)
    await require_standing(request, session)
    return json_response({"codes": await request.app[NEW_CODES](session)}, 201)


async def remove_factor(request: web.Request) -> web.Response:
    """`DELETE /v1/mfa/factors/{id}`: 204."""
    session = await require_session(request)
    await require_standing(request, session)
    await request.app[REMOVE](session, request.match_info["id"])
    return web.Response(status=204)


async def _factors(request: web.Request, person: PartialToken | AccessToken) -> list[dict[str, object]]:
    return [factor.shown() for factor in await request.app[LIST](person)]

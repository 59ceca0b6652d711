"""GET /v1/mfa/challenges/{id}: poll, or long-poll with `Prefer: wait` (RFC 7240)."""

from aiohttp import web

from chassis.responses import json_response
from gateway.api.credentials import bearer
from gateway.api.keys import LONG_POLL, POLL
from gateway.api.preferences import preferred_wait


async def status(request: web.Request) -> web.Response:
    """The challenge now; with `Prefer: wait=25` once it is settled, or after 25 seconds."""
    token, challenge_id = bearer(request), request.match_info["id"]
    seconds = preferred_wait(request)
    if not seconds:
        return json_response((await request.app[POLL](token, challenge_id)).document)
    challenge = await request.app[LONG_POLL](token, challenge_id, seconds)
    return json_response(challenge.document, headers={"Preference-Applied": f"wait={seconds}"})

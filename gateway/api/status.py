"""GET /v1/mfa/challenges/{id}: poll, or long-poll with `Prefer: wait` (RFC 7240)."""

import re

from aiohttp import web

from chassis.responses import json_response
from gateway.api.credentials import bearer
from gateway.api.keys import LONG_POLL, POLL

MAX_WAIT = 30
_WAIT = re.compile(r"\s*wait\s*=\s*\"?(\d{1,4})\"?\s*(;.*)?\Z", re.IGNORECASE)


async def status(request: web.Request) -> web.Response:
    """The challenge now; with `Prefer: wait=25` once it is settled, or after 25 seconds."""
    token, challenge_id = bearer(request), request.match_info["id"]
    seconds = preferred_wait(request)
    if not seconds:
        return json_response((await request.app[POLL](token, challenge_id)).document)
    challenge = await request.app[LONG_POLL](token, challenge_id, seconds)
    return json_response(challenge.document, headers={"Preference-Applied": f"wait={seconds}"})


def preferred_wait(request: web.Request) -> int:
    """The seconds that the client would wait, within our bounds; 0 if it would not. The first of two counts."""
    preferences = [part for value in request.headers.getall("Prefer", ()) for part in value.split(",")]
    waits = [found for found in map(_WAIT.match, preferences) if found]
    return min(int(waits[0].group(1)), MAX_WAIT) if waits else 0

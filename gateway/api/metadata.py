"""What this issuer offers: auth's own word, and the grants that are made of two services' here."""

from dataclasses import replace

from aiohttp import web

from chassis.responses import json_bytes
from gateway.api.keys import AUTH
from gateway.api.passing import passed
from gateway.api.relay import relayed
from gateway.model.tokens import CODE_GRANTS

METADATA = "/.well-known/oauth-authorization-server"
GRANTS = "grant_types_supported"


async def metadata(request: web.Request) -> web.Response:
    """RFC 8414 section 2."""
    answer = await relayed(request, request.app[AUTH], METADATA, ())
    if GRANTS not in answer.document:
        return passed(answer)
    document = {**answer.document, GRANTS: [*answer.document[GRANTS], *CODE_GRANTS]}
    return passed(replace(answer, body=json_bytes(document)))

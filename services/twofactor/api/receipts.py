"""`POST /v1/mfa/receipts` and the keys that receipts are verified with."""

from aiohttp import web

from chassis.keyring import KeyRing
from chassis.responses import json_response
from services.twofactor.api.bearer import require_partial
from services.twofactor.api.challenges import CLOCK
from services.twofactor.flows.issue_receipt import IssueReceipt

ISSUE: web.AppKey[IssueReceipt] = web.AppKey("ISSUE", IssueReceipt)
RING: web.AppKey[KeyRing] = web.AppKey("RING", KeyRing)


async def issue_receipt(request: web.Request) -> web.Response:
    """Consumes the approval of the token's login; no body is read."""
    partial = await require_partial(request)
    issued = await request.app[ISSUE](partial)
    left = int((issued.expires_at - request.app[CLOCK]()).total_seconds())
    return json_response({"receipt": issued.text, "expires_in": max(left, 0)})


async def show_keys(request: web.Request) -> web.Response:
    """`GET /.well-known/jwks.json` (RFC 7517 section 5)."""
    return json_response(request.app[RING].jwks(), headers={"Cache-Control": "public, max-age=60"})

"""What a peer refused, said to programs as the peer said it; in OAuth's words under /oauth2/."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from chassis.request import REFUSAL
from chassis.responses import json_bytes
from gateway.model.answer import PeerAnswer
from gateway.model.errors import Refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refuse = Callable[[web.Request, Exception], web.StreamResponse]
# Hop by hop, or ours to say; all others of a peer's headers pass.
LIMITS = ("retry-after", "ratelimit", "ratelimit-policy")
PASSED = (*LIMITS, "content-type", "www-authenticate", "cache-control", "allow", "etag", "location")
OAUTH = "/oauth2/"
# Members that problem documents have and OAuth's errors have not (RFC 9457 section 3.1).
OF_PROBLEMS = {"type", "title", "status", "detail", "instance"}


def pass_refusals(refuse: Refuse) -> Refuse:
    """Answers with the peer's own answer whenever a refusal carries one; all others are `refuse`'s."""

    def answer(request: web.Request, refusal: Exception) -> web.StreamResponse:
        if not isinstance(refusal, Refusal) or refusal.answer is None:
            return refuse(request, refusal)
        request[REFUSAL] = type(refusal).__name__
        return oauth_answer(refusal.answer) if request.path.startswith(OAUTH) else passed(refusal.answer)

    return answer


def passed(answer: PeerAnswer) -> web.Response:
    """The same status, body and headers that mean something to a caller."""
    headers = {name: answer.headers[name] for name in PASSED if name in answer.headers}
    headers.setdefault("cache-control", "no-store")
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def oauth_answer(answer: PeerAnswer) -> web.Response:
    """A problem document as RFC 6749 section 5.2 and RFC 8628 section 3.5 have it; what is OAuth's already passes."""
    if answer.headers.get("content-type", "").startswith("application/json"):
        return passed(answer)
    document = answer.document
    status, code = in_oauth(answer.status, str(document.get("error", "invalid_request")))
    told = {"error": code, "error_description": str(document.get("detail", ""))}
    # What else a client needs: how many tries are left, which challenge is open, what other ways there are.
    beside = {name: value for name, value in document.items() if name not in OF_PROBLEMS}
    body = json_bytes({**beside, **told})
    kept = {name: answer.headers[name] for name in LIMITS if name in answer.headers}
    headers = {"Cache-Control": "no-store", **kept}
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def in_oauth(status: int, code: str) -> tuple[int, str]:
    """Status and code at the token endpoint: 400, unless waiting helps (RFC 6585 section 4) or the fault is ours."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return status, code
    return HTTPStatus.BAD_REQUEST, "invalid_grant" if code == "invalid_token" else code

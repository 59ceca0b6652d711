"""How a request looks to its upstream."""

from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from chassis.request import REQUEST_ID
from gateway.api.client import address_of
from gateway.api.keys import ASSERTIONS, PUBLIC_URL
from gateway.model.decision import Approach, Forward
from gateway.model.headers import other_cookies, request_headers


def upstream_url(approach: Approach, decision: Forward, scheme: str | None = None) -> URL:
    """The address, character for character as it was sent; `scheme` ws or wss for a WebSocket."""
    target = decision.route.target(approach.path, approach.query)
    if scheme is not None:
        target = scheme + target.removeprefix("http")
    return URL(target, encoded=True)


def upstream_headers(request: web.Request, decision: Forward) -> CIMultiDict[str]:
    """What the client may say, and what only we may say."""
    headers = said_by_us(request.app, decision)
    headers.extend(request_headers(request.headers.items(), request.headers.getall("Connection", ())))
    cookies = [other for value in request.headers.getall("Cookie", ()) if (other := other_cookies(value))]
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    headers["X-Request-ID"] = request.get(REQUEST_ID, "")
    headers["X-Forwarded-For"] = address_of(request)
    return headers


def said_by_us(app: web.Application, decision: Forward) -> CIMultiDict[str]:
    """What is the same for all that are let on with this decision."""
    public = app[PUBLIC_URL]
    headers = CIMultiDict({"X-Forwarded-Proto": public.scheme, "X-Forwarded-Host": public.host_port_subcomponent or ""})
    if decision.identity is not None:
        headers.extend(app[ASSERTIONS].told(decision.identity, decision.route.name).pairs)
    return headers

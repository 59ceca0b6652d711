"""What a faulty API answers."""

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from tools.authy_simulator.answers import answer, compact, refusal
from tools.authy_simulator.errors import TOO_MANY, known_error
from tools.authy_simulator.faults.rule import CallbackFault, Fault, Rule

SLOW_SECONDS = 10.0
UNAVAILABLE = {
    "message": "Service Unavailable",
    "success": False,
    "errors": {"message": "Service Unavailable"},
}
HTML_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
CUT_JSON = '{"message":"Everything is fine","succ'


async def faulty_answer(request: web.Request, rule: Rule) -> web.Response | None:
    """The answer, or None when the call goes on after its fault (it was only slow)."""
    if rule.fault is Fault.SLOW:
        await asyncio.sleep(SLOW_SECONDS if rule.seconds is None else rule.seconds)
        return None
    return ANSWERS[rule.fault](request, rule)


def too_many(_: web.Request, __: Rule) -> web.Response:
    """Throttled (contract section 2)."""
    return refusal(known_error(TOO_MANY))


def unavailable(_: web.Request, __: Rule) -> web.Response:
    """Away, and able to say so in JSON."""
    return answer(UNAVAILABLE, 503)


def html_page(_: web.Request, rule: Rule) -> web.Response:
    """Away, and a proxy says so."""
    return html(rule.body or HTML_PAGE, rule.status or 502)


def wrong_json(_: web.Request, rule: Rule) -> web.Response:
    """JSON that is cut off, or another text that was asked for."""
    text = CUT_JSON if rule.body is None else rule.body
    return web.Response(text=text, status=rule.status or 200, content_type="application/json")


def html_type(_: web.Request, rule: Rule) -> web.Response:
    """Valid JSON that calls itself HTML."""
    error = known_error(rule.code, rule.status)
    return html(compact(error.body()).decode(), error.status)


def documented_error(_: web.Request, rule: Rule) -> web.Response:
    """Any error of the contract's list, by its code."""
    return refusal(known_error(rule.code, rule.status))


def reset(request: web.Request, _: Rule) -> web.Response:
    """The connection breaks before an answer comes."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def html(text: str, status: int) -> web.Response:
    """A page where JSON was expected, as proxies give it."""
    return web.Response(text=text, status=status, content_type="text/html")


ANSWERS: Mapping[Fault | CallbackFault, Callable[[web.Request, Rule], web.Response]] = {
    Fault.TOO_MANY: too_many,
    Fault.UNAVAILABLE: unavailable,
    Fault.HTML: html_page,
    Fault.WRONG_JSON: wrong_json,
    Fault.HTML_TYPE: html_type,
    Fault.ERROR: documented_error,
    Fault.RESET: reset,
}

"""Forward-auth's one decision, on whichever way the question came, and what the proxy that asks is told of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from chassis.lines import Weight
from chassis.request import EXTRA, WEIGHT
from gateway.api.approach import Line, approach_by
from gateway.api.asked import require_proxy
from gateway.flows.authorize import Authorize
from gateway.model.address import Networks
from gateway.model.decision import Decision, Forward
from gateway.model.headers import other_cookies
from gateway.model.identity import IDENTITY_HEADERS, header_lines
from gateway.ports import Assertions

NOBODY = header_lines([(name, "") for name in IDENTITY_HEADERS])
NOTHING_ELSE = header_lines((("Cookie", ""), ("Authorization", "")))
LineOf = Callable[[web.BaseRequest], Line]
# What the short way found about a request that it leaves to the ordinary one: a decision, or why there is none.
JUDGED: web.RequestKey[Decision | Exception] = web.RequestKey("JUDGED")


@dataclass(frozen=True)
class Judge:
    """Only `proxies` may ask."""

    authorize: Authorize
    assertions: Assertions
    proxies: Networks

    async def decided(self, request: web.BaseRequest, line_of: LineOf) -> Decision:
        """Raises what `Authorize` raises, `NotForwarded` for a stranger, `AmbiguousRequest`."""
        require_proxy(request, self.proxies)
        # A proxy writes its own line about each request that it lets on.
        request[WEIGHT] = Weight.QUIET
        return await self.authorize(approach_by(line_of(request), request.headers))

    def told(self, request: web.BaseRequest, decision: Forward) -> bytes:
        """What the proxy sets on the request before it forwards it: ours, and what is left of its credentials."""
        identity, lines = decision.identity, NOBODY
        if identity is not None:
            # For the line of the log; nothing was noted before.
            request[EXTRA] = {"user": identity.subject}
            lines = self.assertions.told(identity, decision.route.name).lines
        return lines + _rest(request.headers.getall("Cookie", ()))


JUDGE = web.AppKey("JUDGE", Judge)


async def judged(request: web.Request, line_of: LineOf) -> Decision:
    """On the ordinary way: what the short one has found is said again, not asked again."""
    found = request.get(JUDGED)
    if isinstance(found, Exception):
        raise found
    return found if found is not None else await request.app[JUDGE].decided(request, line_of)


def _rest(cookies: Sequence[str]) -> bytes:
    # The cookie and the token are the gateway's: an upstream that saw them could act as the person elsewhere.
    others = [other for value in cookies if (other := other_cookies(value))]
    return header_lines((("Cookie", "; ".join(others)), ("Authorization", ""))) if others else NOTHING_ELSE

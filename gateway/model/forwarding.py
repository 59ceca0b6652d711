"""Why a request did not reach an upstream, or its answer did not come back."""

from collections.abc import Mapping, Sequence

from gateway.model.errors import Refusal


class AmbiguousPath(Refusal):
    """Two readers could take this path for two different ones."""


class AmbiguousRequest(Refusal):
    """Two readers could take this request for two different ones: a method, host or header that is said twice."""


class NotForwarded(Refusal):
    """No route of the policy takes this path."""


class MethodRefused(Refusal):
    """The policy's rules for this path do not name the method (RFC 9110 section 15.5.6)."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        super().__init__(*allowed)
        self.headers: Mapping[str, str] = {"Allow": ", ".join(allowed)}


class UpstreamAway(Refusal):
    """The upstream cannot be reached."""

    retry_after = 1


class UpstreamBroken(Refusal):
    """The upstream broke off or answered something that is not HTTP."""


class UpstreamSlow(Refusal):
    """The upstream did not answer in time."""

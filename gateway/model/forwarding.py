"""Why a request did not reach an upstream, or its answer did not come back."""

from gateway.model.errors import Refusal


class AmbiguousPath(Refusal):
    """Two readers could take this path for two different ones."""


class NotForwarded(Refusal):
    """No route of the policy takes this path."""


class UpstreamAway(Refusal):
    """The upstream cannot be reached."""

    retry_after = 1


class UpstreamBroken(Refusal):
    """The upstream broke off or answered something that is not HTTP."""


class UpstreamSlow(Refusal):
    """The upstream did not answer in time."""

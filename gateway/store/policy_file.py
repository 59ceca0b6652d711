"""The policy as the file says it."""

from gateway.model.policy import Policy


class PolicyFile:
    """Implements `ports.Policies`."""

    def __init__(self, policy: Policy) -> None:
        self.current = policy

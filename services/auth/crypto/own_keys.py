"""Our own public keys, for tokens of ours that come back: no network, no copy that could be stale."""

from jwt import PyJWK

from chassis.keyring import KeyRing


class OwnKeys:
    """Implements `countersign.verifier.Keys` over a ring."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self.read: dict[str, PyJWK] = {}

    async def find(self, kid: str) -> PyJWK | None:
        """The published key by that name."""
        now = self.ring.clock()
        found = next((key for key in self.ring.keys if key.kid == kid and key.algorithm == self.ring.algorithm), None)
        if found is None or (found.published_until is not None and found.published_until <= now):
            return None
        if kid not in self.read:
            self.read[kid] = PyJWK(found.public_jwk(), algorithm=found.algorithm)
        return self.read[kid]

"""Our own public keys, for tokens of ours that come back: no network, no copy that could be stale."""

from jwt import PyJWK

from chassis.keyring import ALGORITHM, KeyRing


class OwnKeys:
    """Implements `countersign.verifier.Keys` over a ring."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self.read: dict[str, PyJWK] = {}

    async def find(self, kid: str) -> PyJWK | None:
        """The published key by that name."""
        now = self.ring.clock()
        found = next((key for key in self.ring.keys if key.kid == kid), None)
        if found is None or (found.published_until is not None and found.published_until <= now):
            return None
        if kid not in self.read:
            self.read[kid] = PyJWK(found.public_jwk(), algorithm=ALGORITHM)
        return self.read[kid]

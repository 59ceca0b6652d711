"""Secrets that wait for their first code, sealed, in Valkey: they need no row, and go by themselves."""

import base64
import re
from datetime import timedelta
from typing import Any

import orjson
from redis.asyncio import Redis

from chassis.sealing import Sealer, Unsealable
from services.twofactor.model.totp import PendingSecret

# The id comes from an address: nothing that could name another key.
_ID = re.compile(r"[0-9a-f-]{36}")


class ValkeyPendingSecrets:
    """Implements `ports_of_kinds.PendingSecrets`. Whoever reads Valkey reads ciphertext, bound to its key's id."""

    def __init__(self, client: Redis, sealer: Sealer) -> None:
        self._client, self._sealer = client, sealer

    async def keep(self, pending: PendingSecret, life: timedelta) -> None:
        """Keeps it for `life`."""
        secret = base64.b64encode(pending.secret).decode()
        plain = orjson.dumps([pending.user, pending.begun_in, secret])
        await self._client.set(_key(pending.id), self._sealer.seal(plain, _place(pending.id)), px=life)

    async def by_id(self, pending_id: str) -> PendingSecret | None:
        """The one by this id, if it is still kept. What does not open, or another version wrote, is not there."""
        if not _ID.fullmatch(pending_id):
            return None
        kept: Any = await self._client.get(_key(pending_id))
        try:
            user, begun_in, secret = orjson.loads(self._sealer.open(kept or b"", _place(pending_id)))
        except (Unsealable, ValueError):
            return None
        return PendingSecret(pending_id, user, begun_in, base64.b64decode(secret))

    async def forget(self, pending_id: str) -> None:
        """It counts now, or never will."""
        await self._client.delete(_key(pending_id))


def _key(pending_id: str) -> str:
    return f"twofactor:pending:{pending_id}"


def _place(pending_id: str) -> str:
    return f"valkey.pending.{pending_id}"

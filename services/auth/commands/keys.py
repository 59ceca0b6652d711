"""`countersign keys`: what signs this service's tokens."""

from datetime import timedelta

from chassis.audit.recorder import Recorder
from chassis.clock import system_clock
from chassis.key_commands import KeyHolder, keys_app
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.transactions import JoiningPool
from services.auth.app import new_id, sealer_of
from services.auth.commands.opening import our_settings
from services.auth.model.events import Event, What
from services.auth.store.event_log import EventLog


def _holder() -> KeyHolder:
    settings = our_settings()
    ring = KeyRing(system_clock, algorithm=settings.token_algorithm)
    return KeyHolder(
        database_url=settings.database_url.get_secret_value(),
        store=lambda pool: KeyStore(pool, sealer_of(settings), ring, new_id),
        token_life=timedelta(seconds=max(settings.partial_ttl, settings.access_ttl)),
        record=_record,
    )


async def _record(pool: JoiningPool, what: str, kid: str) -> None:
    await EventLog(Recorder(pool, system_clock)).record(Event(What(what), key=kid))


app = keys_app(_holder)

"""`countersign keys`: what signs this service's receipts."""

from chassis.audit.recorder import Recorder
from chassis.clock import system_clock
from chassis.key_commands import KeyHolder, keys_app
from chassis.keyring import KeyRing
from chassis.transactions import JoiningPool
from services.twofactor.app import key_store, random_id
from services.twofactor.commands.opening import our_settings
from services.twofactor.model.disavowal import STATEMENT_LIFE
from services.twofactor.model.events import AuditEvent, What
from services.twofactor.model.receipt import RECEIPT_LIFE
from services.twofactor.store.event_log import EventLog


def _holder() -> KeyHolder:
    settings = our_settings()
    ring = KeyRing(system_clock, algorithm=settings.signs_with)
    return KeyHolder(
        database_url=settings.database_url,
        store=lambda pool: key_store(pool, settings, ring, random_id),
        token_life=max(RECEIPT_LIFE, STATEMENT_LIFE),
        record=_record,
    )


async def _record(pool: JoiningPool, what: str, kid: str) -> None:
    await EventLog(Recorder(pool, system_clock)).record(AuditEvent(What(what), key=kid))


app = keys_app(_holder)

"""Receipts are kept for as long as the record, by months."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from chassis.housekeeping import housekeeping_ctx
from chassis.postgres import POOL
from services.twofactor.settings import Settings
from services.twofactor.store.receipts import ReceiptTables

EVERY_SECONDS = 3600.0


@dataclass(frozen=True)
class ReceiptMonths:
    """Implements `Housekeeping`."""

    receipts: ReceiptTables
    keep: timedelta

    async def make_room(self) -> None:
        await self.receipts.make_room()

    async def __call__(self) -> int:
        await self.make_room()
        return await self.receipts.drop_old(self.keep)


def cleaning_ctx(settings: Settings) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`, after `keys_ctx`."""
    keep = timedelta(days=settings.audit_keep_days)
    return housekeeping_ctx(lambda app: ReceiptMonths(ReceiptTables(app[POOL]), keep), EVERY_SECONDS)

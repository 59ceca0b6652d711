"""What the kinds without a vendor stand on, in memory; and the person's authenticator app and slip of codes."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from services.twofactor.crypto.new_codes import RandomCodes
from services.twofactor.crypto.totp import PyotpTotp
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.totp import STEP_SECONDS, PendingSecret, TotpSecret
from services.twofactor.wiring_kinds import VendorFree
from tests.fakes.clock import FakeClock
from tests.fakes.twofactor_stores import FakeEnrolments


def counted_bytes() -> Callable[[int], bytes]:
    """Chance that a test can foretell: never the same twice."""
    numbers = itertools.count(1)
    return lambda length: next(numbers).to_bytes(length)


@dataclass
class FakePendingSecrets:
    """Implements `ports_of_kinds.PendingSecrets`; `clock` decides when one is gone."""

    clock: FakeClock
    kept: dict[str, tuple[PendingSecret, object]] = field(default_factory=dict)

    async def keep(self, pending: PendingSecret, life: timedelta) -> None:
        self.kept[pending.id] = (pending, self.clock() + life)

    async def by_id(self, pending_id: str) -> PendingSecret | None:
        pending, until = self.kept.get(pending_id, (None, self.clock()))
        return pending if until > self.clock() else None

    async def forget(self, pending_id: str) -> None:
        self.kept.pop(pending_id, None)


@dataclass
class FakeTotpSecrets:
    """Implements `ports_of_kinds.TotpSecrets`."""

    enrolments: FakeEnrolments
    rows: dict[str, TotpSecret] = field(default_factory=dict)

    async def add(self, enrolment: Enrolment, pending: PendingSecret, *, email: str, only_first: bool) -> bool:
        if not await self.enrolments.add(enrolment, email=email, only_first=only_first):
            return False
        self.rows.setdefault(enrolment.id, TotpSecret(pending.secret, pending.last_step))
        return True

    async def of(self, enrolment_id: str) -> TotpSecret | None:
        return self.rows.get(enrolment_id) if self.enrolments.has(enrolment_id) else None

    async def spend(self, enrolment_id: str, step: int) -> bool:
        stored = await self.of(enrolment_id)
        if stored is None or stored.last_step >= step:
            return False
        self.rows[enrolment_id] = replace(stored, last_step=step)
        return True


@dataclass
class FakeRecoveryCodes:
    """Implements `ports_of_kinds.RecoveryCodes`."""

    enrolments: FakeEnrolments
    rows: dict[str, set[bytes]] = field(default_factory=dict)

    async def replace(self, enrolment: Enrolment, digests: Sequence[bytes], *, email: str) -> None:
        for row in await self.enrolments.of_user(enrolment.user):
            if row.provider == enrolment.provider:
                self.enrolments.forget(row)
        await self.enrolments.add(enrolment, email=email, only_first=False)
        self.rows[enrolment.id] = set(digests)

    async def left(self, enrolment_id: str) -> int:
        return len(self.rows[enrolment_id]) if self.enrolments.has(enrolment_id) else 0

    async def spend(self, enrolment_id: str, digest: bytes) -> int | None:
        if not self.enrolments.has(enrolment_id) or digest not in self.rows[enrolment_id]:
            return None
        self.rows[enrolment_id].remove(digest)
        return len(self.rows[enrolment_id])


def vendor_free(enrolments: FakeEnrolments, clock: FakeClock) -> VendorFree:
    """All of it over fakes; codes as in production, from chance that is no chance."""
    random = counted_bytes()
    return VendorFree(
        secrets=FakeTotpSecrets(enrolments),
        pending=FakePendingSecrets(clock),
        totp=PyotpTotp(random),
        codes=FakeRecoveryCodes(enrolments),
        new_codes=RandomCodes(random),
    )


@dataclass(frozen=True)
class App:
    """An authenticator app that has scanned a secret. Its clock may be off."""

    secret: bytes
    clock: FakeClock
    off_by_seconds: int = 0

    def code(self, *, steps: int = 0) -> str:
        """What it shows; `steps` of thirty seconds later."""
        now = int(self.clock().timestamp()) + self.off_by_seconds
        return PyotpTotp(lambda _: b"").code_at(self.secret, now // STEP_SECONDS + steps)

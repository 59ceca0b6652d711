"""A person, as this one application of Authy knows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.authy_simulator.model.phone import Phone

# A removal takes effect about a day later, and tokens verify meanwhile (contract section 3.3).
REMOVAL_DELAY = timedelta(days=1)


@dataclass(frozen=True)
class Person:
    """``enrolled``: created by the application. ``registered``: has the app. ``confirmed``: gave a valid token once."""

    phone: Phone
    authy_id: int
    email: str
    registered: bool
    created_at: datetime
    confirmed: bool = False
    enrolled: bool = True
    removed_at: datetime | None = None

    def is_known(self, now: datetime) -> bool:
        """Is there a user of this id, as far as the API tells."""
        return self.enrolled and (self.removed_at is None or now < self.removed_at + REMOVAL_DELAY)

    @property
    def device_id(self) -> int:
        """The id of the one device with the app on it."""
        return self.authy_id + 1

"""`python -m services.twofactor` serves; `... keys list|rotate` shows or replaces the keys that sign receipts."""

from chassis.clock import system_clock
from chassis.key_commands import asked_for_keys, look_after_keys
from chassis.keyring import KeyRing
from chassis.process import run
from chassis.settings import load
from services.twofactor.app import build_app, key_store, random_id
from services.twofactor.model.receipt import RECEIPT_LIFE
from services.twofactor.settings import Settings


def main() -> None:
    """The command line."""
    action = asked_for_keys("services.twofactor", __doc__)
    settings = load(Settings)
    if action is None:
        run(build_app(settings), settings, "twofactor")
        return
    ring = KeyRing(system_clock, algorithm=settings.signs_with)
    look_after_keys(
        action,
        database_url=settings.database_url,
        store=lambda pool: key_store(pool, settings, ring, random_id),
        token_life=RECEIPT_LIFE,
    )


if __name__ == "__main__":
    main()

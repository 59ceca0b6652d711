"""`python -m services.auth` serves; `python -m services.auth keys list|rotate` shows or replaces the signing keys."""

from datetime import timedelta

from chassis.clock import system_clock
from chassis.key_commands import asked_for_keys, look_after_keys
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.process import run
from chassis.settings import load
from services.auth.app import build_app, new_id, sealer_of
from services.auth.settings import Settings


def main() -> None:
    """The command line."""
    action = asked_for_keys("services.auth", __doc__)
    settings = load(Settings)
    if action is None:
        run(build_app(settings), settings, "auth")
        return
    look_after_keys(
        action,
        database_url=settings.database_url.get_secret_value(),
        store=lambda pool: KeyStore(pool, sealer_of(settings), KeyRing(system_clock), new_id),
        token_life=timedelta(seconds=max(settings.partial_ttl, settings.access_ttl)),
    )


if __name__ == "__main__":
    main()

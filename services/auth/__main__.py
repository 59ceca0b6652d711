"""`python -m services.auth` serves. `... keys` looks after the signing keys, `... clients` after service clients."""

import argparse
from datetime import timedelta

from chassis.clock import system_clock
from chassis.key_commands import add_keys, key_request, look_after_keys
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.process import run
from chassis.settings import load
from services.auth.app import build_app, new_id, sealer_of
from services.auth.client_commands import add_clients, look_after_clients
from services.auth.settings import Settings


def main() -> None:
    """The command line."""
    arguments = _arguments()
    settings = load(Settings)
    match arguments.command:
        case "keys":
            _look_after_keys(arguments, settings)
        case "clients":
            look_after_clients(arguments, settings)
        case _:
            run(build_app(settings), settings, "auth")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.auth", description=__doc__)
    commands = parser.add_subparsers(dest="command", title="commands (none: serve)")
    add_keys(commands)
    add_clients(commands)
    return parser.parse_args()


def _look_after_keys(arguments: argparse.Namespace, settings: Settings) -> None:
    ring = KeyRing(system_clock, algorithm=settings.token_algorithm)
    look_after_keys(
        key_request(arguments),
        database_url=settings.database_url.get_secret_value(),
        store=lambda pool: KeyStore(pool, sealer_of(settings), ring, new_id),
        token_life=timedelta(seconds=max(settings.partial_ttl, settings.access_ttl)),
    )


if __name__ == "__main__":
    main()

"""`countersign audit`: the record of sign-ins, sessions, clients and keys."""

from chassis.audit.commands import audit_app
from services.auth.commands.opening import our_settings


def _database_url() -> str:
    return our_settings().database_url.get_secret_value()


app = audit_app(_database_url)

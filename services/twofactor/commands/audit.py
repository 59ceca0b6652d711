"""`countersign audit`: the record of factors, challenges, callbacks and receipts."""

from chassis.audit.commands import audit_app
from services.twofactor.commands.opening import our_settings

app = audit_app(lambda: our_settings().database_url)

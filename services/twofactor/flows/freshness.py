"""How recently a person must have confirmed before they may change how they confirm (RFC 9470)."""

from datetime import datetime, timedelta

from countersign import AccessToken
from services.twofactor.model.errors import StaleSession

FRESH_FOR = timedelta(seconds=300)


def require_fresh(session: AccessToken, now: datetime) -> None:
    """Raises `StaleSession` unless the session had both factors, and had them just now."""
    if session.acr != "aal2" or now - session.authenticated_at >= FRESH_FOR:
        raise StaleSession

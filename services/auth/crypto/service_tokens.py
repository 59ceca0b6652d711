"""How the claims of a service's token become a type. The reader of people's access tokens refuses them: no `sid`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from countersign.claims import ACCESS, Kind
from services.auth.model.service_token import ServiceToken

OF_PEOPLE = frozenset({"sid", "acr", "amr", "auth_time"})


def _service(claims: Mapping[str, Any]) -> ServiceToken:
    if claims["sub"] != claims["client_id"] or OF_PEOPLE & set(claims):
        raise ValueError("a person's token")
    return ServiceToken(
        client_id=str(claims["client_id"]),
        id=str(claims["jti"]),
        scope=frozenset(str(claims["scope"]).split()),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


SERVICE: Kind[ServiceToken] = Kind(ACCESS.typ, _service)

"""Requests as they reach a service."""

from countersign.testing.issuer import Issuer


def bearer(token: str) -> dict[str, str]:
    """`Authorization: Bearer ...` (RFC 6750 section 2.1)."""
    return {"Authorization": f"Bearer {token}"}


def through_the_gateway(issuer: Issuer, name: str, subject: str = "ada") -> dict[str, str]:
    """What the gateway sends along to the service `name`."""
    return {
        "Countersign-User": subject,
        "Countersign-Acr": "aal2",
        "Countersign-Assertion": issuer.assertion(name, subject),
    }

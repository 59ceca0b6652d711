"""What each endpoint takes, and how it answers who has it. Whatever does not stand here is refused everywhere.

`TAKES[process][endpoint]` is `{kind: status}`, by the names of `kinds.KINDS`, for tokens in `Authorization: Bearer`.
"""

from typing import Any

PASSWORD = {"new_password": "another-lantern-7-kites"}
CHANGE = {"current_password": "wooden-lantern-9-kites", **PASSWORD}
REASON = {"reason": "ticket 4711", "by": "operator eve@host"}
TOTP, CODE, CHANNEL = {"totp": {}}, {"code": "654321"}, {"channel": "app"}
# What is sent along, with which the endpoint would do what it is for, had the token been looked at wrongly.
SENT: dict[str, dict[str, Any]] = {
    "POST /v1/users": {"json": {}},
    "POST /v1/login": {"json": {}},
    "POST /v1/login/password": {"json": PASSWORD},
    "POST /v1/users/me/password": {"json": CHANGE},
    "DELETE /v1/sessions": {"params": {"scope": "global"}},
    "POST /v1/mfa/factors": {"json": TOTP},
    "POST /v1/mfa/factors/{id}/confirmation": {"json": CODE},
    "POST /v1/mfa/challenges": {"json": CHANNEL},
    "POST /v1/mfa/challenges/{id}/code": {"json": CODE},
    "POST /v1/mfa/users/{user}/reset": {"json": {**REASON, "email": "eve@example.com"}},
    "POST /v1/mfa/users/{user}/void": {"json": REASON},
    "POST /callbacks/authy": {"json": {}},
    "POST /oauth2/token": {"data": {"grant_type": "client_credentials"}},
    "POST /oauth2/revoke": {"data": {"token": "x"}},
    "POST /oauth2/introspect": {"data": {"token": "x"}},
}
# auth's, which the gateway passes on as they are.
OF_AN_ACCOUNT = {
    "POST /v1/users": {},
    "POST /v1/login": {},
    "POST /v1/login/password": {"renewal": 200},
    "POST /v1/users/me/password": {"access": 204},
    "POST /oauth2/token": {},
    "POST /oauth2/revoke": {},
    "POST /oauth2/introspect": {},
    "GET /v1/sessions": {"access": 200},
    "GET /v1/sessions/ended": {"service": 200},
    "DELETE /v1/sessions": {"access": 204},
}
TAKES: dict[str, dict[str, dict[str, int]]] = {
    "auth": {
        **OF_AN_ACCOUNT,
        "DELETE /v1/sessions/current": {"access": 204},
        "DELETE /v1/sessions/{sid}": {"access": 204},
        "GET /.well-known/jwks.json": {},
        "GET /.well-known/oauth-authorization-server": {},
    },
    "twofactor": {
        "GET /v1/mfa/factors": {"partial": 200, "access": 200},
        "POST /v1/mfa/factors": {"partial": 403, "access": 202},
        "POST /v1/mfa/factors/{id}/confirmation": {"partial": 403, "access": 403},
        "DELETE /v1/mfa/factors/{id}": {"access": 204},
        "POST /v1/mfa/recovery-codes": {"access": 201},
        "POST /v1/mfa/challenges": {"partial": 409},
        "GET /v1/mfa/challenges/{id}": {"partial": 200},
        "DELETE /v1/mfa/challenges/{id}": {"partial": 204},
        "POST /v1/mfa/challenges/{id}/code": {"partial": 403},
        "POST /v1/mfa/receipts": {"partial": 409},
        "POST /v1/mfa/disavowals": {"access": 202},
        "POST /callbacks/authy": {},
        "GET /.well-known/jwks.json": {},
        "POST /v1/mfa/users/{user}/reset": {"operator reset": 200},
        "POST /v1/mfa/users/{user}/void": {"operator void": 200},
    },
    "gateway": {
        **OF_AN_ACCOUNT,
        "DELETE /v1/sessions/{id}": {"access": 204},
        "GET /v1/mfa/factors": {"partial": 200, "access": 200},
        "POST /v1/mfa/factors": {"partial": 403, "access": 202},
        "POST /v1/mfa/factors/{id}/confirmation": {"partial": 403, "access": 403},
        "DELETE /v1/mfa/factors/{id}": {"access": 204},
        "POST /v1/mfa/recovery-codes": {"access": 201},
        "POST /v1/mfa/challenges": {"partial": 409},
        "GET /v1/mfa/challenges/{id}": {"partial": 200},
        "GET /v1/mfa/challenges/{id}/events": {"partial": 200},
        "GET /v1/mfa/challenges/{id}/ws": {"partial": 101},
        "DELETE /v1/mfa/challenges/{id}": {"partial": 204},
        "POST /v1/mfa/challenges/{id}/code": {"partial": 403},
        "POST /v1/mfa/disavowals": {"access": 202},
        "POST /callbacks/authy": {},
        "GET /.well-known/jwks.json": {},
        "GET /.well-known/approvals/jwks.json": {},
        "GET /.well-known/gateway/jwks.json": {},
        "GET /.well-known/oauth-authorization-server": {},
        "GET /authz/auth-request": {"access": 204},
        "GET /authz/forward-auth": {"access": 204},
        "* /authz/ext-authz/{path}": {"access": 200},
        "* /{path}": {"access": 200},
    },
}
# After these, what was brought along is spent.
SPENDING = {
    "POST /v1/login/password", "POST /v1/users/me/password", "DELETE /v1/sessions", "DELETE /v1/sessions/current",
    "DELETE /v1/sessions/{sid}", "DELETE /v1/sessions/{id}", "DELETE /v1/mfa/factors/{id}", "POST /v1/mfa/disavowals",
    "DELETE /v1/mfa/challenges/{id}", "POST /v1/mfa/users/{user}/reset", "POST /v1/mfa/users/{user}/void",
}  # fmt: skip
# They look at no token, and answer whoever brings one as they answer everybody.
OPEN = {
    "POST /v1/users", "POST /v1/login", "POST /callbacks/authy", "POST /oauth2/revoke", "GET /.well-known/jwks.json",
    "GET /.well-known/approvals/jwks.json", "GET /.well-known/gateway/jwks.json", "GET /.well-known/oauth-authorization-server",
}  # fmt: skip
# Clients prove who they are in another way (RFC 6749 section 2.3).
OF_CLIENTS = {"POST /oauth2/token", "POST /oauth2/introspect", "GET /v1/sessions/ended"}
# What passes only for whoever the policy names: the rule here wants a person.
OF_THE_POLICY = {"GET /authz/auth-request", "GET /authz/forward-auth", "* /authz/ext-authz/{path}", "* /{path}"}
SERVICES = {"service", "operator reset", "operator void"}


def refusal(endpoint: str, kind: str) -> tuple[int, str]:
    """Status and error for who brings a kind that the endpoint does not take."""
    if endpoint in OF_CLIENTS:
        return 401, "invalid_client"
    if endpoint in OF_THE_POLICY and kind in SERVICES:
        return 403, "caller_refused"
    if endpoint in OF_THE_POLICY and kind == "partial":
        return 401, "insufficient_user_authentication"
    return 401, "invalid_token"


# What introspection calls active (RFC 7662 section 2.2), and what revocation ends (RFC 7009 section 2.1).
ACTIVE = {"access", "refresh", "service"}
REVOCABLE = {"access", "refresh"}

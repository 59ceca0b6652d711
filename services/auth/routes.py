"""Every address of this service, on one page."""

from aiohttp import web

from services.auth.api import discovery, ended, passwords, sessions, sign_in, token, tokens

ROUTES = (
    web.post("/v1/users", sign_in.register),
    web.post("/v1/login", sign_in.login),
    web.post("/v1/login/password", passwords.renew),
    web.post("/v1/users/me/password", passwords.change),
    web.post("/oauth2/token", token.token),
    web.post("/oauth2/revoke", tokens.revoke),
    web.post("/oauth2/introspect", tokens.introspect),
    web.get("/v1/sessions", sessions.list_sessions),
    web.get("/v1/sessions/ended", ended.ended, allow_head=False),
    web.delete("/v1/sessions", sessions.end_many),
    web.delete("/v1/sessions/current", sessions.end_current),
    web.delete("/v1/sessions/{sid}", sessions.end_one),
    web.get("/.well-known/jwks.json", discovery.jwks),
    web.get("/.well-known/oauth-authorization-server", discovery.metadata),
)

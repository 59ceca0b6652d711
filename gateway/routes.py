"""Every address of the gateway on one page. What is not here goes to the policy (api/proxy.py); pages add theirs."""

from aiohttp import web

from gateway.api import authz, events, feed, gateway_keys, metadata, sign_in, socket, status, tokens
from gateway.api.keys import AUTH, TWOFACTOR
from gateway.api.relay import relay, relay_while_open

JWKS = "/.well-known/jwks.json"
CHALLENGE = "/v1/mfa/challenges/{id}"
SIGNATURE = ("X-Authy-Signature", "X-Authy-Signature-Nonce", "User-Agent")


def api_routes() -> list[web.RouteDef]:
    """The public API."""
    return [
        # The first factor.
        web.post("/v1/users", sign_in.register),
        web.post("/v1/login", sign_in.login),
        web.post("/v1/login/password", relay(AUTH)),
        web.post("/v1/users/me/password", relay(AUTH)),
        # The second: twofactor's, but for the waiting.
        web.get("/v1/mfa/factors", relay_while_open(TWOFACTOR), allow_head=False),
        web.post("/v1/mfa/factors", relay_while_open(TWOFACTOR)),
        web.post("/v1/mfa/factors/{id}/confirmation", relay_while_open(TWOFACTOR)),
        web.delete("/v1/mfa/factors/{id}", relay_while_open(TWOFACTOR)),
        web.post("/v1/mfa/recovery-codes", relay_while_open(TWOFACTOR)),
        web.post("/v1/mfa/disavowals", relay_while_open(TWOFACTOR)),
        web.post("/v1/mfa/challenges", relay(TWOFACTOR)),
        web.get(CHALLENGE, status.status, allow_head=False),
        web.get(f"{CHALLENGE}/events", events.events, allow_head=False),
        web.get(f"{CHALLENGE}/ws", socket.socket, allow_head=False),
        web.post(f"{CHALLENGE}/code", relay(TWOFACTOR)),
        web.delete(CHALLENGE, relay(TWOFACTOR)),
        web.post("/callbacks/authy", relay(TWOFACTOR, names=SIGNATURE)),
        # Sessions: auth's, but for what needs the second factor too.
        web.post("/oauth2/token", tokens.token),
        web.post("/oauth2/revoke", relay(AUTH)),
        web.post("/oauth2/introspect", relay(AUTH)),
        web.get("/v1/sessions", relay(AUTH), allow_head=False),
        web.get("/v1/sessions/ended", feed.ended, allow_head=False),
        web.delete("/v1/sessions", relay(AUTH)),
        web.delete("/v1/sessions/{id}", relay(AUTH)),
        # A proxy in front asks about what it received.
        web.get("/authz/auth-request", authz.auth_request, allow_head=False),
        web.get("/authz/forward-auth", authz.forward_auth, allow_head=False),
        web.route("*", "/authz/ext-authz/{path:.*}", authz.ext_authz),
        # What others verify with.
        web.get(JWKS, relay(AUTH, names=()), allow_head=False),
        web.get(metadata.METADATA, metadata.metadata, allow_head=False),
        web.get("/.well-known/approvals/jwks.json", relay(TWOFACTOR, JWKS, names=()), allow_head=False),
        web.get("/.well-known/gateway/jwks.json", gateway_keys.gateway_keys, allow_head=False),
    ]

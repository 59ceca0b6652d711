"""What others need to know of this issuer: its keys, and what it offers."""

from aiohttp import web

from chassis.keyring import KeyRing
from chassis.responses import json_response
from services.auth.api.tokens import ISSUER
from services.auth.model.client import PROOF_ALGORITHMS
from services.auth.model.grant import GrantType

KEY_RING: web.AppKey[KeyRing] = web.AppKey("KEY_RING", KeyRing)
SCOPES = web.AppKey("SCOPES", frozenset[str])
# New keys are published two minutes before they sign.
CACHE = {"Cache-Control": "public, max-age=60"}
PROOFS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
SIGNED_WITH = sorted(PROOF_ALGORITHMS.values())


async def jwks(request: web.Request) -> web.Response:
    """The public keys (RFC 7517 section 5)."""
    return json_response(request.app[KEY_RING].jwks(), headers=CACHE)


async def metadata(request: web.Request) -> web.Response:
    """Authorization server metadata (RFC 8414 section 2). No authorization endpoint, hence no response types."""
    issuer, scopes = request.app[ISSUER], request.app[SCOPES]
    document = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth2/token",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": sorted(scopes),
        "response_types_supported": [],
        "grant_types_supported": list(GrantType),
        "token_endpoint_auth_methods_supported": ["none", *PROOFS],
        "token_endpoint_auth_signing_alg_values_supported": SIGNED_WITH,
        "revocation_endpoint_auth_methods_supported": ["none", *PROOFS],
        "revocation_endpoint_auth_signing_alg_values_supported": SIGNED_WITH,
        "introspection_endpoint_auth_methods_supported": PROOFS,
        "introspection_endpoint_auth_signing_alg_values_supported": SIGNED_WITH,
    }
    return json_response(document, headers=CACHE)

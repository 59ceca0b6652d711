"""Auth's place beside a gateway that is measured alone: its keys over HTTP, and as many sessions as are asked for.

`python -m bench.issuer PORT ISSUER`; POST /tokens?count=N answers a JSON array of access tokens.
"""

import sys

from aiohttp import web

from countersign.testing import Issuer


def build(issuer: Issuer) -> web.Application:
    """Public keys, and tokens that only a benchmark may have."""

    async def keys(_request: web.Request) -> web.Response:
        return web.json_response(issuer.auth.jwks())

    async def tokens(request: web.Request) -> web.Response:
        count = int(request.query.get("count", "1"))
        return web.json_response([issuer.access_token(f"u-{n}", life=3600) for n in range(count)])

    app = web.Application()
    app.router.add_get("/.well-known/jwks.json", keys)
    app.router.add_post("/tokens", tokens)
    return app


if __name__ == "__main__":
    web.run_app(build(Issuer(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)

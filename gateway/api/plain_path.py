"""Only paths that everybody reads alike come in, whoever they are for."""

from aiohttp import web

from gateway.api.passing import Handler
from gateway.model.path import require_plain


@web.middleware
async def plain_path(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Looks at the target as it was sent; raises `AmbiguousPath`."""
    require_plain(request.raw_path.partition("?")[0])
    return await handler(request)

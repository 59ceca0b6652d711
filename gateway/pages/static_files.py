"""The pages' static files, read once. Their address holds their hash, so that a browser may keep them for good."""

from pathlib import Path

from aiohttp import web

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def static_route(version: str, folder: Path) -> web.RouteDef:
    """GET /static/<version>/<name>. A page of an older release may still ask for its own version: that is a 404."""
    files = {file.name: (file.read_bytes(), _type_of(file)) for file in folder.iterdir() if file.is_file()}

    async def serve(request: web.Request) -> web.Response:
        found = files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        body, content_type = found
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=FOREVER)

    return web.get(f"/static/{version}/{{name}}", serve)


def _type_of(file: Path) -> str:
    return _TYPES.get(file.suffix, "application/octet-stream")

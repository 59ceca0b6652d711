"""Routes of the pages."""

from aiohttp import web


def add_phone(app: web.Application) -> None:
    """The pages."""

"""Routes and headers of the pages."""

from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from tools.authy_simulator.phone import forms, pages
from tools.authy_simulator.phone.stream import events

HERE = Path(__file__).parent
HEADERS = {
    # Logos come from wherever the application keeps them.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: https: http:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def add_phone(app: web.Application) -> None:
    """The pages, their forms, their event stream and their files."""
    loader = jinja2.FileSystemLoader(HERE / "templates")
    aiohttp_jinja2.setup(app, loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    app.router.add_get("/", pages.wall)
    app.router.add_get("/phones/{phone}", pages.one_phone)
    app.router.add_get("/events", events)
    app.router.add_post("/phones/{phone}/approval_requests/{uuid}", forms.answer_request)
    app.router.add_post("/phones/{phone}/app", forms.install_or_remove_app)
    app.router.add_post("/faults", forms.add_fault)
    app.router.add_post("/faults/clear", forms.clear_faults)
    app.router.add_static("/static", HERE / "static")
    app.on_response_prepare.append(set_headers)


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Pages and files are locked down; what stands in for Authy keeps Authy's headers."""
    if not request.path.startswith(("/protected/", "/onetouch/", "/control/")):
        response.headers.update(HEADERS)

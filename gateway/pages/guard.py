"""Pages are for windows, and forms act only for the browser that they were shown to (cross-site request forgery)."""

import hashlib
import hmac

from aiohttp import web

from gateway.model.errors import CrossSite
from gateway.model.visit import Visit

# A visitor without a visit has this instead: nothing is stored for it, it only ties a form to its browser.
FORM_COOKIE = "__Host-form"


def require_same_site(request: web.Request, origin: str) -> None:
    """Raises `CrossSite` when the browser says that another site's page sent this.

    Sec-Fetch-Site is the browser's own word; Origin is the older one. Programs that send neither still need the token.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        raise CrossSite
    if site is None and request.headers.get("Origin", origin) != origin:
        raise CrossSite


def require_document(request: web.Request) -> None:
    """Raises `CrossSite` when something else than a window asks for a page, or sends its form: a script, a frame.

    Every service behind the gateway shares its host, so their scripts are of our origin: they could read a page and
    the token in its form. What a request is for is the browser's own word, too; no script can call itself a document.
    """
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        raise CrossSite


def form_token(visit: Visit, form_cookie: str) -> str:
    """What the forms of this browser carry: bound to the visit where there is one."""
    if visit.csrf:
        return visit.csrf
    # A cookie may hold bytes that are no text: they arrive as surrogates, and leave as the bytes they were.
    return hmac.new(form_cookie.encode(errors="surrogateescape"), b"form", hashlib.sha256).hexdigest()


def is_own_form(visit: Visit, form_cookie: str, given: str) -> bool:
    """Whether a form was shown to this very browser, in the visit it is in now (constant time)."""
    if not (visit.csrf or form_cookie):
        return False
    return hmac.compare_digest(form_token(visit, form_cookie).encode(), given.encode())

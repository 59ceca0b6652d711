"""Where to go after signing in: somewhere on this host, or home. Never an address of somebody else (open redirect)."""

import re
from urllib.parse import urlencode

HOME = "/"
# Why the sign-in page asks somebody who is signed in: it was too long ago.
FRESH = "fresh"
MAX_LENGTH = 2048
# One slash and then no second one: `//host` and `/\host` are other hosts to a browser. Printable ASCII only: browsers
# drop tabs and newlines before they read an address, so `/<tab>/host` would be `//host`.
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*\Z")
# Coming back to the steps of signing in would be a circle.
_STEPS = ("/sign-in", "/sign-up", "/sign-out", "/enrol", "/confirm")


def local_path(wanted: str | None) -> str:
    """`wanted` if it is a path (with query) on this host that a person may be led to, else the home page."""
    if not wanted or len(wanted) > MAX_LENGTH or not _LOCAL.match(wanted):
        return HOME
    path = re.split(r"[?#]", wanted, maxsplit=1)[0]
    if ".." in path or "//" in path or any(path == step or path.startswith(f"{step}/") for step in _STEPS):
        return HOME
    return wanted


def onward(return_to: str) -> str:
    """The query that carries `return_to` to the neighbouring page."""
    return "" if return_to == HOME else "?" + urlencode({"return_to": return_to})


def sign_in_path(return_to: str, *, again: bool = False) -> str:
    """The sign-in page that leads to `return_to`; `again` for who is signed in and has to prove it once more."""
    reason = {"reason": FRESH} if again else {}
    carried = {} if return_to == HOME else {"return_to": return_to}
    query = urlencode({**carried, **reason})
    return f"/sign-in?{query}" if query else "/sign-in"

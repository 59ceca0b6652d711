"""Where to go after signing in: somewhere on this host, or home. Never an address of somebody else (open redirect)."""

import re

HOME = "/"
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

"""The Jinja2 environment of the pages, and the static files under the hash of their content.

All of `static/` shares one hash in its URL: a script that imports its neighbour gets the neighbour of its own version.
"""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import jinja2

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def content_hash(folder: Path = STATIC) -> str:
    """A short hash over the names and bytes of the folder's files."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def static_url(version: str) -> Callable[[str], str]:
    """`static("pages.css")` for templates."""
    return lambda name: f"/static/{version}/{name}"


# Templates are compiled once in a process, however many applications it makes.
@functools.lru_cache(maxsize=8)
def environment(service: str, version: str) -> jinja2.Environment:
    """Templates with everything escaped and every missing value an error, `service` being the name over the card."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(service=service, static=static_url(version))
    return made

"""`/openapi.json` and `/docs`: what a process answers, for programs and for people.

The page is written here, on the server, and runs no script: it stands on the address where people sign in, where a
bundle of somebody else's JavaScript would be one more thing to trust. It is one document, its style within it.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
from aiohttp import web
from markupsafe import Markup, escape

from chassis.openapi import Json, Surface
from chassis.openapi_document import document
from chassis.responses import json_bytes

_HERE = Path(__file__).parent / "docs_page"
# Of the description, not of the software: it counts what breaks clients.
VERSION = "1"
CACHE = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Row:
    """One member of a schema as the page shows it; `depth` counts what it stands inside of."""

    depth: int
    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class _Made:
    document: bytes
    page: str
    policy: str


def describe(app: web.Application, surface: Surface) -> None:
    """Adds both addresses. To be called when every route that belongs to the surface is there or will be."""
    made: list[_Made] = []

    def described() -> _Made:
        # Once, upon the first question: all routes are there by then, and none comes later.
        if not made:
            made.append(_make(document(surface, app.router.routes(), VERSION)))
        return made[0]

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(body=described().document, content_type="application/json", headers=CACHE)

    async def docs(_request: web.Request) -> web.Response:
        headers = {**CACHE, "Content-Security-Policy": described().policy}
        return web.Response(text=described().page, content_type="text/html", headers=headers)

    app.router.add_get("/openapi.json", openapi, allow_head=False)
    app.router.add_get("/docs", docs, allow_head=False)


def _make(found: Json) -> _Made:
    style = (_HERE / "docs.css").read_text(encoding="utf-8")
    return _Made(json_bytes(found), _page(found, style), _policy(style))


def _policy(style: str) -> str:
    """Nothing at all but this one style, by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"{nothing}; style-src 'sha256-{digest}'"


def _page(found: Json, style: str) -> str:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    made.filters["prose"] = _prose
    made.filters["rows"] = lambda schema: list(rows(schema, found))
    return made.get_template("docs.html").render(api=found, style=style)


def _prose(text: str) -> Markup:
    """Escaped, with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped right before


def rows(schema: Json, found: Json, depth: int = 0) -> Iterator[Row]:
    """The members of an object, those of objects within them after each."""
    whole = _resolved(schema, found)
    for name, member in whole.get("properties", {}).items():
        inner = _resolved(member, found)
        about = member.get("description", inner.get("description", ""))
        yield Row(depth, name, _kind(inner, found), name in whole.get("required", ()), about)
        yield from rows(_resolved(inner.get("items", inner), found), found, depth + 1)


def _resolved(schema: Json, found: Json) -> Json:
    if "$ref" in schema:
        referred: Json = found["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return referred
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    return {**schema, **_resolved(choices[0], found)} if len(choices) == 1 else schema


def _kind(schema: Json, found: Json) -> str:
    if "enum" in schema or "const" in schema:
        return " | ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_kind(_resolved(schema['items'], found), found)}"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind

"""JSON as Authy writes it: without spaces. authy-python looks for ``"token":"is valid"`` in the raw text."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from tools.authy_simulator.errors import AuthyError


def compact(data: object) -> bytes:
    """UTF-8 JSON without a space outside of strings."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def answer(data: Mapping[str, object], status: int = 200) -> web.Response:
    """One JSON answer."""
    return web.Response(body=compact(data), status=status, content_type="application/json", charset="utf-8")


def refusal(error: AuthyError) -> web.Response:
    """The JSON answer of an error."""
    return answer(error.body(), error.status)


def not_found() -> web.Response:
    """The plain text that Authy gives for a path it does not have (contract section 2)."""
    return web.Response(text="Requested URL was not found. Please check http://docs.authy.com/", status=404)


def timestamp(moment: datetime) -> str:
    """``2017-02-10T01:09:52Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def object_id(kind: str, name: object) -> str:
    """24 hexadecimal digits, the same ones for the same thing: Authy's inner ids are Mongo's."""
    return hashlib.sha256(f"{kind}|{name}".encode()).hexdigest()[:24]

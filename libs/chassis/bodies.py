"""Request bodies become types here, once; what does not fit is refused with what was wrong and where."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.problems import Problem

B = TypeVar("B", bound="Body")
MAX_FIELDS = 40


class Body(BaseModel):
    """A request body: nothing is converted, nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


FORM = "application/x-www-form-urlencoded"


class InvalidBody(Exception):
    """The body is not what this address takes; `members["errors"]` says where and why."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__()
        self.members: Mapping[str, object] = {"errors": errors}


class UnsupportedBody(Exception):
    """The Content-Type is not the one this address takes, or the body is packed."""


BODY_PROBLEMS: dict[type[Exception], Problem] = {
    InvalidBody: Problem(400, "invalid_request", "The request body is not valid; see errors."),
    UnsupportedBody: Problem(415, "unsupported_media_type", "Send the body with the Content-Type this address takes."),
    # Chunks that are none.
    web.RequestPayloadError: Problem(400, "invalid_request", "The request body is not what its headers say."),
}


async def read_json(request: web.Request, model: type[B]) -> B:
    """The JSON body as `model`; raises `InvalidBody` or `UnsupportedBody` (413 comes from the server itself)."""
    _require_type(request, "application/json")
    try:
        data = orjson.loads(await request.read())
    except orjson.JSONDecodeError as malformed:
        raise InvalidBody([{"field": "", "message": "is not well-formed JSON (UTF-8)"}]) from malformed
    return _parse(model, data)


async def read_form(request: web.Request, model: type[B]) -> B:
    """The form body as `model`; a parameter given twice is refused (RFC 6749 section 3.2), an empty one is absent.

    A body of another kind is an invalid request like the rest of them: OAuth knows no 415 (section 5.2).
    """
    if request.content_type != FORM:
        raise InvalidBody([{"field": "", "message": f"is not {FORM}"}])
    require_unpacked(request)
    try:
        text = (await request.read()).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as malformed:
        raise InvalidBody([{"field": "", "message": "is not a well-formed form body (UTF-8)"}]) from malformed
    names = [name for name, _ in pairs]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise InvalidBody([{"field": name[:64], "message": "is given more than once"} for name in sorted(repeated)])
    return _parse(model, {name: value for name, value in pairs if value})


def require_unpacked(request: web.Request) -> None:
    """Raises `UnsupportedBody` for a Content-Encoding (RFC 9110 section 8.4): nothing of a stranger's is unpacked."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedBody


def _require_type(request: web.Request, expected: str) -> None:
    if request.content_type != expected:
        raise UnsupportedBody(expected)
    require_unpacked(request)


def _parse(model: type[B], data: object) -> B:
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        faults = invalid.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidBody([_fault(fault["loc"], fault["msg"]) for fault in faults[:20]]) from None


def _fault(place: tuple[int | str, ...], message: str) -> dict[str, str]:
    return {"field": ".".join(str(part)[:64] for part in place), "message": message.removeprefix("Value error, ")}

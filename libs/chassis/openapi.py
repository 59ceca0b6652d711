"""How a service describes its HTTP surface: a table of `Operation`, each under its method and path.

What can be read off the code is read off it: bodies and answers from the pydantic models, codes from the table of
problems, addresses from the router. The table adds what only a person can say, and a test holds it to the router.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from chassis.bodies import Body
from chassis.problems import Problem, Table

Json = dict[str, Any]
JSON, FORM, EVENTS = "application/json", "application/x-www-form-urlencoded", "text/event-stream"


class Shape(BaseModel):
    """An answer's members: no others come. One with a default may be left out."""

    model_config = ConfigDict(extra="forbid")


class State(Shape):
    """Whether a process lives."""

    status: Literal["ok"]


class Readiness(Shape):
    """Whether it can serve: `checks` says `ok` of each need or what is wrong with it, `notes` what else to know."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]
    notes: dict[str, str] | None = None


@dataclass(frozen=True)
class Answer:
    """What comes back under one status; without `shape` and `content_type` nothing is in the body."""

    about: str
    shape: type[Shape] | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str | None:
        """JSON where a shape is named."""
        return self.content_type or (JSON if self.shape else None)


@dataclass(frozen=True)
class Parameter:
    """One in the query, the header or the path."""

    name: str
    place: Literal["query", "header", "path"]
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


Refused = type[Exception] | Problem


@dataclass(frozen=True)
class Operation:
    """One method of one address. `security` names schemes, any of which will do; `""` among them: none is needed too.

    `refusals` are exceptions of the service's table, or problems themselves; what refuses without a document `is_bare`,
    and its `answers` are all there is.
    """

    summary: str
    tag: str
    answers: Mapping[int, Answer]
    refusals: tuple[Refused, ...] = ()
    body: type[Body] | None = None
    is_form: bool = False
    body_is_optional: bool = False
    parameters: tuple[Parameter, ...] = ()
    security: tuple[str, ...] = ()
    about: str = ""
    is_bare: bool = False
    examples: Mapping[str, Any] = field(default_factory=dict)


Operations = Mapping[str, Operation]
"""By `METHOD /path`, as the router writes it."""


@dataclass(frozen=True)
class Surface:
    """Everything that one process answers. `left_out` are routes that no description can hold, each with its reason.

    Under a prefix of `oauth` refusals have OAuth's form; `everywhere` may be refused at every address of `operations`.
    """

    title: str
    about: str
    operations: Operations
    problems: Table
    security: Mapping[str, Json]
    oauth: str = "/oauth2/"
    everywhere: tuple[Refused, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    hidden_modules: tuple[str, ...] = ()

    def is_hidden(self, route: web.AbstractRoute) -> bool:
        """Pages for people, and HEAD, which is told by GET."""
        return route.method == "HEAD" or route.handler.__module__.startswith(self.hidden_modules or ("\0",))


OPERATIONS = "operations"
OWN: Operations = {
    "GET /livez": Operation("The process answers", OPERATIONS, {200: Answer("It does.", State)}, is_bare=True),
    "GET /readyz": Operation(
        "The process can serve",
        OPERATIONS,
        {200: Answer("It can.", Readiness), 503: Answer("It cannot; `checks` says why.", Readiness)},
        is_bare=True,
    ),
    "GET /openapi.json": Operation(
        "This description", OPERATIONS, {200: Answer("OpenAPI 3.1.", content_type=JSON)}, is_bare=True
    ),
    "GET /docs": Operation(
        "This description, to be read", OPERATIONS, {200: Answer("A page.", content_type="text/html")}, is_bare=True
    ),
}
"""What the chassis itself serves in every process."""


def name_of(route: web.AbstractRoute) -> str:
    """`GET /v1/sessions/{sid}`: a route's name in the table."""
    return f"{route.method} {route.resource.canonical if route.resource else ''}"

"""A `Surface` and the routes that serve it, as an OpenAPI 3.1 document."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from chassis.bodies import InvalidBody, UnsupportedBody
from chassis.openapi import FORM, JSON, OWN, Answer, Json, Operation, Parameter, Refused, Surface, name_of
from chassis.problems import FRAMEWORK, INTERNAL, UNAVAILABLE, Problem

PROBLEM_JSON = "application/problem+json"
VALIDATION: JsonSchemaMode = "validation"
TEXT = {"type": "string"}
SHARED: Json = {
    "Problem": {
        "description": "A refusal (RFC 9457); programs read `error`. Other members say more, e.g. `errors` by field.",
        "type": "object",
        "properties": {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "error": TEXT, "reference": TEXT},
        "required": ["title", "status", "detail", "error"],
    },
    "OAuthError": {
        "description": "A refusal (RFC 6749 section 5.2). Other members say more, e.g. `tries_left`.",
        "type": "object",
        "properties": {"error": TEXT, "error_description": TEXT},
        "required": ["error", "error_description"],
    },
}


class _Plain(GenerateJsonSchema):
    """Without what only repeats the names of fields, and without `null` as the default of what may be left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 pydantic's signature
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        return {key: value for key, value in found.items() if key != "default" or value is not None}


def document(surface: Surface, routes: Iterable[web.AbstractRoute], version: str) -> Json:
    """Every route that the surface describes, in the order in which they are served."""
    operations = {**surface.operations, **OWN}
    found_names = [name_of(route) for route in routes]
    served = [name for table in (surface.operations, OWN) for name in found_names if name in table]
    models = {model for name in served for model in _models(operations[name])}
    _, found = models_json_schema(
        [(model, VALIDATION) for model in sorted(models, key=lambda model: model.__name__)],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Plain,
    )
    paths: Json = {}
    for name in served:
        method, path = name.split(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(surface, name, operations[name])
    return {
        "openapi": "3.1.0",
        "info": {"title": surface.title, "version": version, "description": surface.about},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operations[name].tag for name in served)],
        "paths": paths,
        "components": {
            "schemas": {**found.get("$defs", {}), **SHARED},
            "securitySchemes": {name: dict(scheme) for name, scheme in surface.security.items()},
        },
    }


def problems_of(surface: Surface, operation: Operation) -> list[Problem]:
    """Everything that may be refused here, each code once per status."""
    if operation.is_bare:
        return []
    of_a_body: tuple[Refused, ...] = (InvalidBody, UnsupportedBody, FRAMEWORK[413]) if operation.body else ()
    refused = (*operation.refusals, *surface.everywhere, *of_a_body, UNAVAILABLE, INTERNAL)
    found = [each if isinstance(each, Problem) else surface.problems[each] for each in refused]
    return list({(problem.status, problem.error): problem for problem in reversed(found)}.values())[::-1]


def _models(operation: Operation) -> Iterable[type[BaseModel]]:
    yield from (answer.shape for answer in operation.answers.values() if answer.shape)
    yield from (operation.body,) if operation.body else ()


def _operation(surface: Surface, name: str, operation: Operation) -> Json:
    path = name.split(" ")[1]
    described: Json = {
        "operationId": re.sub(r"[^A-Za-z0-9]+", "_", name.lower()).strip("_"),
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": [{scheme: []} if scheme else {} for scheme in operation.security],
        "responses": _responses(surface, name, operation),
    }
    if operation.about:
        described["description"] = operation.about
    if parameters := [*_path_parameters(path, operation), *operation.parameters]:
        described["parameters"] = [_parameter(parameter) for parameter in parameters]
    if operation.body is not None:
        described["requestBody"] = _body(operation.body, operation)
    return described


def _path_parameters(path: str, operation: Operation) -> list[Parameter]:
    told = {parameter.name for parameter in operation.parameters}
    return [Parameter(name, "path", "") for name in re.findall(r"\{(\w+)\}", path) if name not in told]


def _parameter(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.about,
        "required": parameter.required or parameter.place == "path",
        "schema": dict(parameter.schema),
    }


def _body(model: type[BaseModel], operation: Operation) -> Json:
    content: Json = {"schema": _reference(model.__name__)}
    if operation.examples:
        content["examples"] = {name: {"value": value} for name, value in operation.examples.items()}
    return {"required": not operation.body_is_optional, "content": {FORM if operation.is_form else JSON: content}}


def _responses(surface: Surface, name: str, operation: Operation) -> Json:
    responses = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    by_status: dict[int, list[Problem]] = {}
    for problem in problems_of(surface, operation):
        by_status.setdefault(problem.status, []).append(problem)
    is_oauth = name.split(" ")[1].startswith(surface.oauth)
    for status, problems in sorted(by_status.items()):
        if status not in operation.answers:
            responses[str(status)] = _refusal(status, problems, is_oauth=is_oauth)
    return responses


def _answer(answer: Answer) -> Json:
    described: Json = {"description": answer.about}
    if answer.media_type:
        schema = _reference(answer.shape.__name__) if answer.shape else {}
        schema = schema or ({"type": "object"} if answer.media_type == JSON else TEXT)
        described["content"] = {answer.media_type: {"schema": schema}}
    if answer.headers:
        described["headers"] = {name: _header(about) for name, about in answer.headers.items()}
    return described


def _refusal(status: int, problems: list[Problem], *, is_oauth: bool) -> Json:
    codes: Json = {"error": {"enum": [problem.error for problem in problems]}}
    if not is_oauth:
        codes["status"] = {"const": status}
    schema = {"allOf": [_reference("OAuthError" if is_oauth else "Problem"), {"properties": codes}]}
    told = "\n".join(f"- `{problem.error}`: {problem.detail}" for problem in problems)
    described: Json = {
        "description": f"{HTTPStatus(status).phrase}\n\n{told}",
        "content": {JSON if is_oauth else PROBLEM_JSON: {"schema": schema}},
    }
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        described["headers"] = {"Retry-After": _header("Seconds to wait, where waiting helps")}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        described["headers"] |= {
            name: _header("Which limit (draft-ietf-httpapi-ratelimit-headers), where it is told")
            for name in ("RateLimit", "RateLimit-Policy")
        }
    if status == HTTPStatus.UNAUTHORIZED:
        described["headers"] = {"WWW-Authenticate": _header("How to prove who asks (RFC 9110 section 11.6.1)")}
    return described


def _header(about: str) -> Json:
    return {"description": about, "schema": TEXT}


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}

"""What the gateway relays it describes as the peer does: the same bodies, answers and codes, word for word where it counts."""

import re
from typing import Any

import pytest

from chassis.openapi import name_of
from gateway.api.passing import in_oauth
from tests.contract.described import process

Json = dict[str, Any]
# The gateway's own addresses for a peer's.
RENAMED = {"/.well-known/approvals/jwks.json": "/.well-known/jwks.json"}
# Said of itself by every process that stands in front of a service.
GATEWAYS_OWN = {(400, "ambiguous_path"), (400, "invalid_request")}
WORDS = {"description", "title", "examples", "default"}


def bare(schema: Any, document: Json) -> Any:
    """A schema without names and words, everything it refers to in its place."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return bare(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
        # `description` may also be a member's name: words are text, members are schemas.
        return {
            key: bare(value, document) for key, value in schema.items() if key not in WORDS or isinstance(value, dict)
        }
    return [bare(each, document) for each in schema] if isinstance(schema, list) else schema


def bodies(operation: Json, document: Json) -> Json:
    return bare(operation.get("requestBody", {}).get("content", {}), document)


def successes(operation: Json, document: Json) -> Json:
    return {
        status: bare(response.get("content", {}), document)
        for status, response in operation["responses"].items()
        if status < "400"
    }


def codes(operation: Json) -> set[tuple[int, str]]:
    found = set()
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values() if status >= "400" else ():
            found |= {(int(status), code) for code in content["schema"]["allOf"][1]["properties"]["error"]["enum"]}
    return found


def plain(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", RENAMED.get(path, path))


@pytest.fixture(scope="module")
def documents() -> dict[str, Json]:
    return {name: process(name).document for name in ("auth", "twofactor", "gateway")}


def relayed() -> list[tuple[str, str]]:
    found = []
    for route in process("gateway").routes:
        if "relay" in route.handler.__qualname__:
            method, path = name_of(route).split(" ")
            found.append((method.lower(), path))
    return found


@pytest.mark.parametrize(("method", "path"), relayed())
def test_what_is_relayed_is_described_as_the_peer_describes_it(
    documents: dict[str, Json], method: str, path: str
) -> None:
    ours = documents["gateway"]["paths"][path][method]
    is_twofactor = path.startswith(("/v1/mfa/", "/callbacks/", "/.well-known/approvals/"))
    peer = documents["twofactor" if is_twofactor else "auth"]
    theirs = {plain(each): operations for each, operations in peer["paths"].items()}[plain(path)][method]
    assert bodies(ours, documents["gateway"]) == bodies(theirs, peer)
    assert successes(ours, documents["gateway"]) == successes(theirs, peer)
    assert codes(ours) - GATEWAYS_OWN == codes(theirs) - GATEWAYS_OWN


def test_a_challenge_read_through_the_gateway_is_the_challenge(documents: dict[str, Json]) -> None:
    gateway, peer = documents["gateway"], documents["twofactor"]
    path = "/v1/mfa/challenges/{id}"
    assert successes(gateway["paths"][path]["get"], gateway) == successes(peer["paths"][path]["get"], peer)


def test_the_token_endpoint_refuses_as_auth_does_and_says_what_the_phone_said(documents: dict[str, Json]) -> None:
    ours, theirs = (documents[name]["paths"]["/oauth2/token"]["post"] for name in ("gateway", "auth"))
    told_by_twofactor = {in_oauth(*told) for told in codes(documents["twofactor"]["paths"]["/v1/mfa/receipts"]["post"])}
    # A form has no other type than the one it is read as, and size is refused as everywhere.
    told_by_twofactor -= {(400, "unsupported_media_type"), (400, "payload_too_large")}
    assert codes(ours) - GATEWAYS_OWN == (codes(theirs) | told_by_twofactor) - GATEWAYS_OWN
    assert successes(ours, documents["gateway"]) == successes(theirs, documents["auth"])


@pytest.mark.parametrize("path", ["/v1/users", "/v1/login"])
def test_the_first_factor_refuses_as_auth_does(documents: dict[str, Json], path: str) -> None:
    ours, theirs = (documents[name]["paths"][path]["post"] for name in ("gateway", "auth"))
    assert codes(ours) - GATEWAYS_OWN == codes(theirs) - GATEWAYS_OWN

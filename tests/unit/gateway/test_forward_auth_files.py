"""What every shipped configuration of a proxy must say, also of those that no test starts."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.model.identity import IDENTITY_HEADERS
from gateway.pages.return_to import _STEPS

SHIPPED = Path(__file__).resolve().parents[3] / "deploy/forward-auth"
FILES = ["nginx/app.conf", "caddy/Caddyfile", "haproxy/haproxy.cfg", "traefik/dynamic.yml", "envoy/envoy.yaml"]


@pytest.mark.parametrize("file", FILES)
def test_the_pages_of_signing_in_are_the_gateways(file: str) -> None:
    text = (SHIPPED / file).read_text()
    assert all(step.strip("/") in text for step in (*_STEPS, "/sessions", "/factors", "/password"))
    assert "/static/[0-9a-f]{16}/" in text


@pytest.mark.parametrize("file", FILES)
def test_nobody_outside_asks_the_gateway(file: str) -> None:
    assert "/authz/" in (SHIPPED / file).read_text().replace("/authz/auth-request", "").replace(
        "/authz/forward-auth", ""
    )


@pytest.mark.parametrize("file", ["nginx/app.conf", "caddy/Caddyfile", "haproxy/countersign.lua"])
def test_each_header_that_we_say_is_set_by_name(file: str) -> None:
    text = (SHIPPED / file).read_text().lower()
    assert [name for name in IDENTITY_HEADERS if name.lower() not in text] == []


def test_traefik_and_envoy_set_all_that_begins_with_our_name_and_let_nobody_in_by_mistake() -> None:
    traefik = yaml.safe_load((SHIPPED / "traefik/dynamic.yml").read_text())["http"]["middlewares"]["countersign"]
    asks = traefik["forwardAuth"]
    assert asks["authResponseHeadersRegex"] == "(?i)^countersign"
    assert (asks["trustForwardHeader"], asks["preserveLocationHeader"]) == (False, True)
    assert asks["authResponseHeaders"] == ["Cookie", "Authorization"]
    listener = yaml.safe_load((SHIPPED / "envoy/envoy.yaml").read_text())["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    assert manager["common_http_protocol_options"]["headers_with_underscores_action"] == "DROP_HEADER"
    early = manager["early_header_mutation_extensions"][0]["typed_config"]["mutations"]
    assert {"remove_on_match": {"key_matcher": {"prefix": "countersign", "ignore_case": True}}} in early
    ext_authz = manager["http_filters"][0]["typed_config"]
    assert ext_authz["failure_mode_allow"] is False
    said = ext_authz["http_service"]["authorization_response"]["allowed_upstream_headers"]["patterns"]
    assert {pattern.get("prefix", pattern.get("exact")) for pattern in said} == {
        "countersign-",
        "cookie",
        "authorization",
    }


# What Traefik 3 documents for the file provider, as far as the file uses it: it refuses a file with an unknown field.
TRAEFIK = {
    "routers": {"rule", "entryPoints", "middlewares", "service", "tls", "priority"},
    "services": {"loadBalancer"},
    "loadBalancer": {"servers", "responseForwarding"},
    "middlewares": {"forwardAuth", "headers", "ipAllowList"},
    "forwardAuth": {
        "address", "trustForwardHeader", "preserveLocationHeader", "authResponseHeaders", "authResponseHeadersRegex",
    },
    "headers": {"customRequestHeaders"},
    "ipAllowList": {"sourceRange"},
}  # fmt: skip


@pytest.fixture
def traefik() -> dict[str, Any]:
    document = yaml.safe_load((SHIPPED / "traefik/dynamic.yml").read_text())
    assert document.keys() == {"http"}
    found: dict[str, Any] = document["http"]
    return found


def test_traefik_knows_every_field(traefik: dict[str, Any]) -> None:
    assert traefik.keys() == {"routers", "services", "middlewares"}
    for section, named in traefik.items():
        for entry in named.values():
            assert entry.keys() <= TRAEFIK[section], entry
            for kind, said in entry.items():
                if isinstance(said, dict) and said:
                    assert said.keys() <= TRAEFIK[kind]


def test_what_traefiks_routers_name_is_there(traefik: dict[str, Any]) -> None:
    for router in traefik["routers"].values():
        assert set(router.get("middlewares", ())) <= traefik["middlewares"].keys()
        assert router["service"] in {*traefik["services"], "noop@internal"}


def matches(rule: str, path: str) -> bool:
    """The matchers that the file uses; `&&` is all that joins them."""
    for matcher, text in re.findall(r"(\w+)\(`([^`]*)`\)", rule):
        match matcher:
            case "Host":
                is_met = text == "app.example.com"
            case "PathPrefix":
                is_met = path.startswith(text)
            case "PathRegexp":
                is_met = re.search(text, path) is not None
            case _:
                pytest.fail(f"what is {matcher}?")
        if not is_met:
            return False
    return True


@pytest.mark.parametrize(
    ("path", "router"),
    [
        ("/hello", "app"),
        ("/", "app"),
        ("/sign-in", "countersign-pages"),
        ("/confirm/wait", "countersign-pages"),
        ("/static/0123456789abcdef/pages.css", "countersign-pages"),
        ("/static/x", "app"),
        ("/sign-in-not", "app"),
        ("/authz/forward-auth", "countersign-authz"),
        ("/AUTHZ/forward-auth", "app"),
        ("/v1/sessions", "app"),
    ],
)
def test_traefik_leads_each_path_where_the_others_do(traefik: dict[str, Any], path: str, router: str) -> None:
    met = {name: each for name, each in traefik["routers"].items() if matches(each["rule"], path)}
    # Without a priority it is the rule's length.
    assert max(met, key=lambda name: met[name].get("priority", len(met[name]["rule"]))) == router


def test_whoever_reaches_the_service_behind_traefik_was_asked_about(traefik: dict[str, Any]) -> None:
    for router in traefik["routers"].values():
        guarded = {"app": ["countersign-unsaid", "countersign"], "noop@internal": ["nobody"], "countersign": []}
        assert router.get("middlewares", []) == guarded[router["service"]]

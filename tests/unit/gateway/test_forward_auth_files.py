"""What every shipped configuration of a proxy must say, also of those that no test starts."""

from pathlib import Path

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
    ext_authz = manager["http_filters"][0]["typed_config"]
    assert ext_authz["failure_mode_allow"] is False
    said = ext_authz["http_service"]["authorization_response"]["allowed_upstream_headers"]["patterns"]
    assert {pattern.get("prefix", pattern.get("exact")) for pattern in said} == {
        "countersign-",
        "cookie",
        "authorization",
    }

"""Clients and scopes."""

import base64

import pytest

from services.auth.model.clients import GATEWAY, Clients, Credentials, basic_credentials
from services.auth.model.errors import InvalidClient, InvalidScope
from services.auth.model.scope import granted, written

CLIENTS = Clients({"reports": "a-long-service-secret"})


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_a_service_proves_who_it_is() -> None:
    assert CLIENTS.require_service(Credentials("reports", "a-long-service-secret")) == "reports"
    assert CLIENTS.require_known(Credentials("reports", "a-long-service-secret")) == "reports"


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        Credentials("reports"),
        Credentials("reports", ""),
        Credentials("reports", "a-long-service-secre"),
        Credentials("strangers", "a-long-service-secret"),
        Credentials("strangers", ""),
        Credentials("reports", "\udc80"),
        Credentials(GATEWAY),
    ],
)
def test_whoever_does_not_is_refused(credentials: Credentials | None) -> None:
    with pytest.raises(InvalidClient):
        CLIENTS.require_service(credentials)


def test_the_gateway_needs_no_secret_and_is_meant_when_nobody_is_named() -> None:
    assert CLIENTS.require_known(None) == GATEWAY
    assert CLIENTS.require_known(Credentials(GATEWAY)) == GATEWAY


@pytest.mark.parametrize(
    "credentials", [Credentials("reports"), Credentials("strangers"), Credentials(GATEWAY, "guess")]
)
def test_nobody_takes_the_name_of_a_service_without_its_secret(credentials: Credentials) -> None:
    with pytest.raises(InvalidClient):
        CLIENTS.require_known(credentials)


def test_basic_credentials_are_form_encoded() -> None:
    assert basic_credentials(basic("my%20service:p%3Aa+b")) == Credentials("my service", "p:a b")
    assert basic_credentials("basic " + basic("a:b")[6:]) == Credentials("a", "b")


@pytest.mark.parametrize("header", ["", "Bearer abc", "Basically abc"])
def test_another_scheme_is_not_basic(header: str) -> None:
    assert basic_credentials(header) is None


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic !!!", basic("no colon"), "Basic /w==", basic("%ff:x"), "Basic \udc80"]
)
def test_credentials_that_cannot_be_read_are_refused(header: str) -> None:
    with pytest.raises(InvalidClient):
        basic_credentials(header)


ALLOWED = frozenset({"session", "reports"})


def test_scopes_are_granted_as_far_as_they_are_allowed() -> None:
    assert granted(None, ALLOWED) == ALLOWED
    assert granted("reports", ALLOWED) == {"reports"}
    assert granted("reports admin", ALLOWED) == {"reports"}
    assert written(ALLOWED) == "reports session"


@pytest.mark.parametrize("asked", ["admin", "", " session", "session  reports", "ses\x00sion", 'se"ssion', "séssion"])
def test_what_cannot_be_granted_is_refused(asked: str) -> None:
    with pytest.raises(InvalidScope):
        granted(asked, ALLOWED)

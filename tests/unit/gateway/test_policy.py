"""The policy: which route takes a path, and what is wrong with a file."""

import pytest

from gateway.model.forwarding import AmbiguousPath, NotForwarded
from gateway.model.policy import Policy, Require, Route
from gateway.model.policy_text import PolicyFault, read_policy

GOOD = """
[[route]]
prefix = "/app"
upstream = "http://app:9000/base/"
name = "app"
require = "aal2"
"""


def route(prefix: str, **changed: object) -> Route:
    return Route(**{"prefix": prefix, "upstream": "http://up", "name": prefix, "require": Require.AAL2, **changed})


POLICY = Policy([route("/"), route("/app"), route("/app/public"), route("/application")])


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/", "/"), ("/x", "/"), ("/app", "/app"), ("/app/", "/app"), ("/app/x", "/app"), ("/apple", "/"),
        ("/app/public", "/app/public"), ("/app/public/x", "/app/public"), ("/app/publicity", "/app"), ("/application/x", "/application"),
    ],
)  # fmt: skip
def test_the_longest_prefix_wins_segment_by_segment(path: str, prefix: str) -> None:
    assert POLICY.route_for(path).prefix == prefix


@pytest.mark.parametrize("path", ["/App", "/APP/x", "/app;a", "/app;a=b/x", "/app/PUBLIC", "/app/public;x/y"])
def test_a_path_that_could_be_another_routes_is_refused(path: str) -> None:
    with pytest.raises(AmbiguousPath):
        POLICY.route_for(path)


@pytest.mark.parametrize("path", ["/Readme", "/x;v=1", "/app/X", "/app/x;v=1/Y"])
def test_case_and_parameters_do_not_matter_within_one_route(path: str) -> None:
    POLICY.route_for(path)


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/x", "/oauth2/token/x", "/.well-known/x", "/callbacks/x", "/authz/x", "/livez/x"]
)
def test_our_own_addresses_are_never_forwarded(path: str) -> None:
    with pytest.raises(NotForwarded):
        POLICY.route_for(path)


def test_a_path_without_a_route_is_not_forwarded() -> None:
    with pytest.raises(NotForwarded):
        Policy([route("/app")]).route_for("/other")


def test_the_target_is_the_path_as_it_was_sent() -> None:
    assert route("/app").target("/app/a%20b", "q=%31") == "http://up/app/a%20b?q=%31"
    assert route("/app", strip_prefix=True).target("/app/a", "") == "http://up/a"
    assert route("/app", strip_prefix=True).target("/app", "x") == "http://up/?x"
    assert route("/", strip_prefix=True).target("/a", "") == "http://up/a"


def test_a_good_file_is_read() -> None:
    (only,) = read_policy(GOOD).routes
    assert only == Route("/app", "http://app:9000/base", "app", Require.AAL2)
    assert read_policy("").routes == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("aal2", "aal3"), "line 6: require: must be one of: anonymous, aal2, client"),
        (("http://", "ftp://"), "line 4: upstream: must be http(s)://host[:port][/path]"),
        (('"/app"', '"app"'), "line 3: prefix: must be a plain path that starts with /"),
        (('"/app"', '"/app/"'), "line 3: prefix: must have no % or ; and no / or . at its end"),
        (('"/app"', '"/a%41pp"'), "line 3: prefix: must be a plain path that starts with /"),
        (('"/app"', '"/V1/x"'), "line 3: prefix: /v1 is the gateway's own"),
        (('name = "app"', 'name = "a b"'), "line 5: name: must be 1 to 100 letters, digits or . _ : / -"),
        (('name = "app"', ""), "line 2: name: is missing"),
        (('name = "app"', "name = 7"), "line 5: name: must be a text"),
        (('name = "app"', 'name = "app"\nstrip_prefix = "yes"'), "line 6: strip_prefix: must be true or false"),
        (('name = "app"', 'name = "app"\nowner = "x"'), "line 6: owner: is not a field of a route"),
        (("[[route]]", "[[routes]]"), "only [[route]] tables may stand in a policy"),
        (("[[route]]", "[route]"), "only [[route]] tables may stand in a policy"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_field(change: tuple[str, str], fault: str) -> None:
    with pytest.raises(PolicyFault) as refused:
        read_policy(GOOD.replace(*change))
    assert refused.value.faults == [fault]


def test_every_fault_is_said_at_once_and_broken_toml_with_its_line() -> None:
    second = GOOD.replace("aal2", "none").replace("/app", "/other")
    with pytest.raises(PolicyFault) as refused:
        read_policy(GOOD.replace("http", "ftp") + second + GOOD)
    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "line 4",
        "line 12",
    ]
    with pytest.raises(PolicyFault, match="line 3"):
        read_policy("\n\nprefix = x\n")


def test_the_shipped_policy_is_a_good_one() -> None:
    from pathlib import Path

    assert read_policy(Path("deploy/policy.toml").read_text()).routes


@pytest.mark.parametrize(
    ("location", "plain", "stripped"),
    [
        ("http://up/app/x?y#z", "/app/x?y#z", "/app/app/x?y#z"),
        ("http://up", "/", "/app/"),
        ("http://up?x", "/?x", "/app/?x"),
        ("/login", "/login", "/app/login"),
        ("next", "next", "next"),
        ("?page=2", "?page=2", "?page=2"),
        ("https://other.example/x", "https://other.example/x", "https://other.example/x"),
        ("http://up:8080/x", "http://up:8080/x", "http://up:8080/x"),
        ("http://up.evil.test/x", "http://up.evil.test/x", "http://up.evil.test/x"),
        ("http://up//evil.test", "http://up//evil.test", "http://up//evil.test"),
        ("//evil.test", "//evil.test", "//evil.test"),
        ("", "", ""),
    ],
)
def test_where_an_upstream_sends_on_is_said_as_the_outside_reaches_it(location: str, plain: str, stripped: str) -> None:
    assert route("/app").public(location) == plain
    assert route("/app", strip_prefix=True).public(location) == stripped


def test_the_path_of_an_upstream_is_not_shown() -> None:
    inside = route("/app", upstream="http://up/base", strip_prefix=True)
    assert inside.public("http://up/base/x") == inside.public("/base/x") == "/app/x"
    assert inside.public("/base") == "/app/"
    assert route("/app", upstream="http://up/base").public("/base/app/x") == "/app/x"

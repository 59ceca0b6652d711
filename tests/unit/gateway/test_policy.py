"""The policy: which route takes a path, and what is wrong with a file."""

import pytest

from gateway.model.forwarding import AmbiguousPath, MethodRefused, NotForwarded
from gateway.model.policy import Policy, Require, Route, plain_host
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
        (("[[route]]", "[[routes]]"), "line 2: only [[route]] tables may stand in a policy"),
        (("[[route]]", "[route]"), "line 2: only [[route]] tables may stand in a policy"),
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
    for broken in ("\n\nprefix = x\n", '\n\nprefix = "/a\n', '[[route]]\nname = """\nx', "[[route]]\n\n[other]\n"):
        with pytest.raises(PolicyFault, match=r"^line 3: "):
            read_policy(broken)


def test_behind_another_proxy_a_service_may_have_an_api_of_its_own_where_ours_stands() -> None:
    beside = '[[route]]\nhost = "app.example"\nprefix = "/"\nname = "app"\nrequire = "aal2"\n'
    policy = read_policy(beside + '[[route]]\nprefix = "/"\nupstream = "http://up"\nname = "up"\nrequire = "aal2"\n')
    for path in ("/v1/users", "/V1;x/users", "/docs", "/oauth2/token", "/readyz"):
        with pytest.raises(NotForwarded):
            policy.route_for(path)
    for path in ("/v1/users", "/docs", "/oauth2/token", "/readyz"):
        assert policy.route_for(path, "app.example").name == "app"
    for path in ("/sign-in", "/sessions/x", "/password", "/Factors"):
        for host in ("", "app.example"):
            with pytest.raises(NotForwarded):
                policy.route_for(path, host)
    read_policy(beside.replace('"/"', '"/v1/x"'))
    for wrong, more in (("/v1/x", 'upstream = "http://up"'), ("/sessions/x", ""), ("/DOCS", 'upstream = "http://up"')):
        with pytest.raises(PolicyFault, match="is the gateway's own"):
            read_policy(beside.replace('"/"', f'"{wrong}"') + more)


def test_the_shipped_policy_is_a_good_one() -> None:
    from pathlib import Path

    assert read_policy(Path("deploy/policy/policy.toml").read_text()).routes


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


RULES = """
[[route]]
prefix = "/"
name = "site"
require = "anonymous"

[[route]]
prefix = "/app"
name = "app"
require = "aal2"
max_age = 900

[[route]]
prefix = "/app"
name = "app"
require = "aal2"
methods = ["GET"]

[[route]]
path = "/app/health"
name = "app"
require = "anonymous"
methods = ["GET"]

[[route]]
host = "Ledger.Example"
prefix = "/books"
name = "ledger"
require = "aal2"
scopes = ["ledger:read"]
clients = ["billing"]
"""
SEVERAL = read_policy(RULES)


@pytest.mark.parametrize(
    ("host", "method", "path", "line"),
    [
        ("", "GET", "/x", 2), ("any.example", "POST", "/", 2), ("", "GET", "/app", 13), ("", "HEAD", "/app/x", 13), ("", "POST", "/app/x", 7),
        ("", "GET", "/app/health", 19), ("", "GET", "/app/healthy", 13), ("", "GET", "/app/health/x", 13), ("ledger.example", "PUT", "/books/1", 25),
    ],
)  # fmt: skip
def test_host_then_path_then_method_find_the_rule(host: str, method: str, path: str, line: int) -> None:
    assert SEVERAL.route_for(path, host, method).line == line


def test_a_host_with_rules_has_those_and_no_others() -> None:
    with pytest.raises(NotForwarded):
        SEVERAL.route_for("/app", "ledger.example")


def test_a_method_that_the_rules_of_a_path_do_not_name_is_not_looked_for_in_a_wider_path() -> None:
    with pytest.raises(MethodRefused) as refused:
        SEVERAL.route_for("/app/health", "", "DELETE")
    assert refused.value.headers == {"Allow": "GET, HEAD"}


@pytest.mark.parametrize(
    "path", ["/app/Health", "/app/health/", "/app/health.", "/app./x", "/app%20/x", "/APP.", "/app/health;a"]
)
def test_what_some_server_takes_for_a_stricter_or_laxer_path_is_refused(path: str) -> None:
    with pytest.raises(AmbiguousPath):
        SEVERAL.route_for(path)


@pytest.mark.parametrize("path", ["/app/", "/app/x/", "/x./y", "/app/x.", "/a%20/", "/..."])
def test_endings_do_not_matter_within_one_path(path: str) -> None:
    SEVERAL.route_for(path)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("App.Example", "app.example"), ("app.example:8443", "app.example"), ("app.example.", "app.example"), ("app.example.:443", "app.example"),
        ("[::1]:8080", "[::1]"), ("[::1]", "[::1]"), ("", ""),
    ],
)  # fmt: skip
def test_a_host_is_read_in_every_spelling(text: str, host: str) -> None:
    assert plain_host(text) == host


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (('prefix = "/books"', 'prefix = "/books"\npath = "/books"'), ["line 27: prefix: give either prefix or path"]),
        (('prefix = "/books"', ""), ["line 25: prefix: give either prefix or path"]),
        (("Ledger.Example", "https://ledger.example"), ["line 26: host: must be a host name without scheme and port"]),
        (("Ledger.Example", "ledger.example:80"), ["line 26: host: must be a host name without scheme and port"]),
        (('["ledger:read"]', '"ledger:read"'), ["line 30: scopes: must be a list"]),
        (('["ledger:read"]', "[]"), ['line 30: scopes: must be a list of scopes, e.g. ["invoices:read"]']),
        (('["ledger:read"]', '["a b"]'), ['line 30: scopes: must be a list of scopes, e.g. ["invoices:read"]']),
        (('["billing"]', '["billing", "billing"]'), ["line 31: clients: names something twice"]),
        (("clients = [", "groups = ["), []),
        (('clients = ["billing"]', 'groups = ["a b"]'), ['line 31: groups: must be a list of groups of people, e.g. ["accounting"]']),
        (('clients = ["billing"]', "groups = []"), ['line 31: groups: must be a list of groups of people, e.g. ["accounting"]']),
        (('require = "anonymous"', 'require = "anonymous"\ngroups = ["ops"]', 1), ['line 6: groups: asks something of callers, but require = "anonymous" lets everybody in']),
        (('require = "aal2"\nmax_age = 900', 'require = "client"\nclients = ["x"]\ngroups = ["ops"]'), ["line 12: groups: names people, but only services come in here"]),
        (("max_age = 900", "max_age = 0"), ["line 11: max_age: must be 1 to 2592000 seconds"]),
        (("max_age = 900", "max_age = true"), ["line 11: max_age: must be a whole number"]),
        (("max_age = 900", 'methods = ["get"]'), ['line 11: methods: must be a list of methods in capitals, e.g. ["GET", "POST"]']),
        (("max_age = 900", ""), []),
        (("max_age = 900", 'methods = ["GET"]'), ["line 13: the rule on line 7 takes the same requests"]),
        (('methods = ["GET"]', "", 1), ["line 13: the rule on line 7 takes the same requests"]),
        (('require = "anonymous"', 'require = "anonymous"\nmax_age = 5', 1), ['line 6: max_age: asks something of callers, but require = "anonymous" lets everybody in']),
        (('require = "anonymous"', 'require = "client"', 1), ['line 2: clients: is missing: require = "client" must say which']),
        (('require = "aal2"\nmax_age', 'require = "client"\nclients = ["x"]\nmax_age'), ["line 12: max_age: asks a person to confirm again, but only services come in here"]),
        (('name = "ledger"', 'name = "ledger"\nstrip_prefix = true'), ["line 29: strip_prefix: goes with upstream"]),
        (('path = "/app/health"', 'path = "/app/health/"'), ["line 20: path: must have no % or ; and no / or . at its end"]),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(change: tuple[str, str] | tuple[str, str, int], faults: list[str]) -> None:
    text = RULES.replace(*change)
    if not faults:
        read_policy(text)
        return
    with pytest.raises(PolicyFault) as refused:
        read_policy(text)
    assert refused.value.faults == faults


def test_paths_that_differ_in_case_alone_are_one_to_many_servers() -> None:
    with pytest.raises(PolicyFault, match="line 33: the rule on line 7 takes the same requests"):
        read_policy(RULES + '\n[[route]]\nprefix = "/App"\nname = "x"\nrequire = "aal2"\nmethods = ["PUT"]\n')

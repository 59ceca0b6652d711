"""One line says where Valkey is, and a line that cannot be read says why without saying the password."""

import pytest

from chassis import valkey
from chassis.valkey_address import Kind, parse_address
from chassis.valkey_cluster import PatientCluster


@pytest.mark.parametrize("url", ["redis://valkey:6379/0", "rediss://u:p@valkey/1", "unix:///run/valkey.sock"])
def test_one_server_is_as_redis_py_has_it(url: str) -> None:
    address = parse_address(url)
    assert (address.kind, address.url) == (Kind.SERVER, url)


def test_sentinels_a_master_and_a_database() -> None:
    address = parse_address("redis+sentinel://auth:s%2Fcret@one:26380,two,[fd00::1]:26381/mymaster/2")
    assert address.kind is Kind.SENTINEL
    assert address.hosts == (("one", 26380), ("two", 26379), ("fd00::1", 26381))
    assert address.name == "mymaster"
    assert address.options == {"username": "auth", "password": "s/cret", "db": 2}
    assert address.to_sentinel == {}


def test_sentinels_have_passwords_of_their_own_and_share_tls() -> None:
    address = parse_address(
        "rediss+sentinel://auth:a@one/main?sentinel_username=s&sentinel_password=b&ssl_ca_certs=/run/ca.pem"
    )
    assert address.options == {"username": "auth", "password": "a", "ssl": True, "ssl_ca_certs": "/run/ca.pem"}
    assert address.to_sentinel == {"username": "s", "password": "b", "ssl": True, "ssl_ca_certs": "/run/ca.pem"}


def test_nodes_of_a_cluster() -> None:
    address = parse_address("rediss+cluster://auth:a@one:7000,two")
    assert (address.kind, address.hosts) == (Kind.CLUSTER, (("one", 7000), ("two", 6379)))
    assert address.options == {"username": "auth", "password": "a", "ssl": True}
    assert parse_address("redis+cluster://one/0").kind is Kind.CLUSTER


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://auth:hunter2@one/0", "must begin with redis://"),
        ("auth:hunter2@one", "must begin with redis://"),
        ("redis+sentinel://auth:hunter2@one:26379", "which master"),
        ("redis+sentinel://auth:hunter2@one:26379,/mymaster", "host:port"),
        ("redis+sentinel://auth:hunter2@one:port/mymaster", "host:port"),
        ("redis+cluster://auth:hunter2@one/1", "has only 0"),
        ("redis+cluster://auth:hunter2@one?db=1", "has only 0"),
        ("redis://auth:hunter2@one:port/0", "cannot be read"),
        ("redis+cluster://auth:hunter2@one?socket_timeout=hunter2", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_repeated(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        parse_address(url)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_an_address_shows_no_password() -> None:
    assert "hunter2" not in repr(parse_address("redis+sentinel://auth:hunter2@one/mymaster?sentinel_password=hunter2"))


async def test_each_kind_has_its_client() -> None:
    assert isinstance(valkey.connect("redis+cluster://one:1"), PatientCluster)
    assert isinstance(valkey.connect("redis+sentinel://one:1/m").connection_pool, valkey.PatientSentinelPool)

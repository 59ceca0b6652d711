"""Where Valkey is, in one line: a server, a group under Sentinel, or a Cluster.

    redis[s]://[user:password@]host[:6379][/db]
    redis[s]+sentinel://[user:password@]host[:26379][,host...]/name[/db][?sentinel_username=..&sentinel_password=..]
    redis[s]+cluster://[user:password@]host[:6379][,host...]

User and password are Valkey's; Sentinel's own are the two options. Other options are redis-py's (`ssl_ca_certs=...`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, SecretStr
from redis.asyncio.connection import SSLConnection, parse_url

Host = tuple[str, int]


class Kind(Enum):
    """Who knows which server is to be asked: its address, Sentinel, or the servers themselves."""

    SERVER = "redis"
    SENTINEL = "redis+sentinel"
    CLUSTER = "redis+cluster"


PORTS = {Kind.SERVER: 6379, Kind.SENTINEL: 26379, Kind.CLUSTER: 6379}
TLS = {"redis": "rediss", "redis+sentinel": "rediss+sentinel", "redis+cluster": "rediss+cluster"}


@dataclass(frozen=True)
class ValkeyAddress:
    """`hosts`: Sentinels or nodes. `options` for connections to Valkey, `to_sentinel` for those to Sentinel."""

    kind: Kind
    url: str
    hosts: tuple[Host, ...] = ()
    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    to_sentinel: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Without the password that `url` holds: it may stand in a traceback."""
        return f"ValkeyAddress({self.kind.value}, {self.hosts})"


def parse_address(url: str) -> ValkeyAddress:
    """What the setting says; raises ValueError, which never repeats what it was given: a password is in it."""
    scheme, _, rest = url.partition("://")
    plain = {secure: each for each, secure in TLS.items()}.get(scheme.lower(), scheme.lower())
    if plain in {Kind.SERVER.value, "unix"} and rest:
        _options(url)
        return ValkeyAddress(Kind.SERVER, url)
    if plain not in {kind.value for kind in Kind} or not rest:
        msg = "must begin with redis://, redis+sentinel:// or redis+cluster://, or with rediss for TLS"
        raise ValueError(msg)
    return _several(Kind(plain), url, rest, secure=scheme.lower() in TLS.values())


def _several(kind: Kind, url: str, rest: str, *, secure: bool) -> ValkeyAddress:
    where, _, query = rest.partition("?")
    authority, _, path = where.partition("/")
    login, at, named = authority.rpartition("@")
    hosts = tuple(_host(text, PORTS[kind]) for text in named.split(","))
    name, _, database = path.partition("/") if kind is Kind.SENTINEL else ("", "", path)
    if kind is Kind.SENTINEL and not name:
        msg = "must say which master Sentinel is to be asked for, as in redis+sentinel://host:26379/mymaster"
        raise ValueError(msg)
    options = _options(f"redis{'s' * secure}://{login}{at}one/{database}?{query}")
    options = {key: value for key, value in options.items() if key not in {"host", "port"}}
    if kind is Kind.CLUSTER and options.get("db"):
        msg = "must not name a database: a Cluster has only 0"
        raise ValueError(msg)
    own = {key: options.pop(f"sentinel_{key}") for key in ("username", "password") if f"sentinel_{key}" in options}
    if secure:
        options["ssl"] = True
        own |= {key: value for key, value in options.items() if key.startswith("ssl")}
    return ValkeyAddress(kind, url, hosts, name, options, own)


def _host(text: str, port: int) -> Host:
    name, colon, given = (text, "", "") if text.endswith("]") else text.rpartition(":")
    if not colon:
        name, given = text, str(port)
    if not name or not given.isdigit():
        msg = "must name hosts as host:port, with commas between them"
        raise ValueError(msg)
    return name.removeprefix("[").removesuffix("]"), int(given)


def _options(url: str) -> dict[str, Any]:
    try:
        options: dict[str, Any] = dict(parse_url(url))
    except ValueError:
        msg = "has an option or a port that cannot be read"
        raise ValueError(msg) from None
    if options.get("connection_class") is SSLConnection:
        del options["connection_class"]
    return options


def _readable(url: str) -> str:
    parse_address(url)
    return url


def _readable_secret(url: SecretStr) -> SecretStr:
    parse_address(url.get_secret_value())
    return url


ValkeyUrl = Annotated[str, AfterValidator(_readable)]
SecretValkeyUrl = Annotated[SecretStr, AfterValidator(_readable_secret)]

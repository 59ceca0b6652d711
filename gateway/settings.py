"""What the gateway is told when it starts: `COUNTERSIGN_*`, each with its meaning."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from chassis.keyring import Algorithm
from chassis.settings import ProcessSettings, WebAddress
from chassis.valkey_address import ValkeyUrl
from gateway.crypto.assertion_keys import parse_assertion_keys
from gateway.model.revocation import Without

Network = IPv4Network | IPv6Network


class Settings(ProcessSettings):
    """The gateway's settings."""

    port: int = Field(8080, ge=1, le=65535, description="Port to listen on")
    redis_url: ValkeyUrl = Field(
        description="Valkey or Redis, e.g. redis://valkey:6379/0, redis+sentinel://one:26379,two:26379/mymaster"
        " or redis+cluster://one:6379,two:6379; see operating.md"
    )
    auth_url: WebAddress = Field(description="Where the credentials service answers, e.g. http://auth:8081")
    twofactor_url: WebAddress = Field(description="Where the two-factor service answers, e.g. http://twofactor:8082")
    token_algorithm: Algorithm = Field(
        "ES256", description="How auth signs tokens, and the only way that is believed: ES256 or EdDSA"
    )
    assertion_key: SecretStr = Field(
        description="PEM private keys (EC P-256 for ES256, Ed25519 for EdDSA) that sign identity assertions: the first"
        " signs, all are published"
    )
    policy_file: Path = Field(description="TOML file that says which path goes to which upstream, and who may pass")
    service_name: str = Field("Countersign", min_length=1, max_length=60, description="The name that people read")
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Networks (CIDR, separated by commas) of the proxies in front whose X-Forwarded-For is believed"
    )
    forward_auth_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Networks of the proxies that may ask /authz/*; for everybody else nothing is there"
    )
    access_ttl: int = Field(
        300, ge=30, le=3600, description="Life of an access token in seconds: so long an ended session is remembered"
    )
    revocations_grace: float = Field(
        0.8,
        ge=0.5,
        le=60,
        description="Seconds without the stream of ended sessions after which it counts as away; while nobody has"
        " noticed that it is, this is the longest that an ended session is let on",
    )
    without_revocations: Without = Field(
        Without.INTROSPECT,
        description="While it is away: `introspect` asks auth about each session, at most twice a second; `accept` lets"
        " ended sessions on until their access token ends; `refuse` lets nobody in",
    )
    session_idle: int = Field(
        8 * 3600, ge=300, le=90 * 86400, description="Seconds after which a browser that was silent must sign in again"
    )
    waiters_per_login: int = Field(8, ge=1, le=100, description="Connections that may wait for one login at once")
    waiters: int = Field(20_000, ge=1, le=1_000_000, description="Connections that may wait in this process at once")
    upstream_seconds: float = Field(60, ge=1, le=3600, description="How long an upstream may take to begin its answer")

    @field_validator("assertion_key")
    @classmethod
    def _require_keys(cls, given: SecretStr) -> SecretStr:
        parse_assertion_keys(given.get_secret_value())
        return given

    @field_validator("trusted_proxies", "forward_auth_proxies", mode="before")
    @classmethod
    def _read_networks(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        return tuple(ip_network(part.strip(), strict=False) for part in given.split(",") if part.strip())

"""Everything that can be set, as `COUNTERSIGN_<NAME>`. The descriptions become docs/settings and .env.example."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from chassis.keyring import Algorithm
from chassis.sealing import parse_keys
from chassis.settings import ProcessSettings, WebAddress
from chassis.valkey_address import SecretValkeyUrl
from chassis.workers import cores


def _keys(secret: SecretStr) -> SecretStr:
    parse_keys(secret.get_secret_value())
    return secret


def parse_clients(text: str) -> dict[str, str]:
    """Secrets by client id, from lines `client_id:secret`."""
    pairs = [line.strip().partition(":") for line in text.splitlines() if line.strip()]
    if any(not name or len(secret) < LEAST_SECRET for name, _, secret in pairs):
        msg = f"must be lines client_id:secret, each secret at least {LEAST_SECRET} characters"
        raise ValueError(msg)
    if len({name for name, _, _ in pairs}) != len(pairs):
        msg = "must not name a client twice"
        raise ValueError(msg)
    return {name: secret for name, _, secret in pairs}


def _clients(secret: SecretStr) -> SecretStr:
    parse_clients(secret.get_secret_value())
    return secret


LEAST_SECRET = 16


class Settings(ProcessSettings):
    """The settings of services/auth. Times are in seconds."""

    port: int = Field(8081, ge=1, le=65535, description="Port to listen on")
    database_url: SecretStr = Field(
        description="PostgreSQL of this service, e.g. postgres://auth:PASSWORD@postgres:5432/countersign"
    )
    redis_url: SecretValkeyUrl = Field(
        description="Valkey or Redis, e.g. redis://valkey:6379/0, redis+sentinel://one:26379,two:26379/mymaster"
        " or redis+cluster://one:6379,two:6379; see operating.md"
    )
    twofactor_url: WebAddress = Field(
        description="Where services/twofactor answers: its public keys are read from there"
    )
    key_encryption_key: Annotated[SecretStr, AfterValidator(_keys)] = Field(
        description="Seals signing keys and refresh tokens: base64 of 32 random bytes. To rotate, put the new one"
        " before the old, with a space between"
    )
    token_algorithm: Algorithm = Field(
        "ES256", description="How auth signs tokens, and the only way that is believed: ES256 or EdDSA"
    )
    receipt_algorithm: Algorithm | None = Field(
        None, description="How twofactor signs approval receipts. Default: as auth signs tokens"
    )
    service_clients: Annotated[SecretStr, AfterValidator(_clients)] = Field(
        SecretStr(""),
        description="Service clients to begin with, one line client_id:secret each; `clients create` makes better ones",
    )
    service_name: str = Field(
        "Countersign",
        min_length=1,
        max_length=60,
        description="What people call this place; no password may consist of it",
    )

    argon2_memory_kib: int = Field(
        19 * 1024,
        ge=8,
        le=4 * 1024**2,
        description="Memory of one password hash in KiB; stored hashes follow at the next login",
    )
    argon2_passes: int = Field(2, ge=1, le=100, description="Passes over that memory")
    argon2_lanes: int = Field(1, ge=1, le=16, description="Lanes of one password hash (its parallelism)")
    hash_workers: int = Field(
        default_factory=cores,
        ge=1,
        le=256,
        description="Password hashes computed at a time, by all workers together. Default: one per core",
    )
    hash_queue: int = Field(
        32, ge=0, le=10_000, description="Logins that may wait for a free worker; more are answered 503 at once"
    )
    password_min_score: int = Field(3, ge=0, le=4, description="Least zxcvbn score of a new password")
    password_blocklist: Path | None = Field(None, description="A file of more passwords to refuse, one a line")

    partial_ttl: int = Field(300, ge=30, le=3600, description="Life of a partial token: the time for the second factor")
    access_ttl: int = Field(300, ge=30, le=3600, description="Life of an access token")
    refresh_ttl: int = Field(
        24 * 3600, ge=300, le=400 * 24 * 3600, description="Life of a session, however often it is refreshed"
    )
    refresh_idle_ttl: int = Field(
        3600, ge=60, le=400 * 24 * 3600, description="A session that is not refreshed for so long has ended"
    )
    followers: int = Field(
        200, ge=1, le=100_000, description="Services that may follow ended sessions through one process at once"
    )
    scopes: str = Field(
        "session",
        pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$",
        description="Scopes that can be granted, separated by spaces",
    )

    login_tries: int = Field(
        5,
        ge=1,
        le=16,
        description="Wrong passwords for one account from one network, or one known device, within a minute; twice as"
        " many in a quarter of an hour, six times in a day",
    )
    login_tries_account: int = Field(
        50,
        ge=1,
        le=50,
        description="Wrong passwords for one account from all devices that it does not know within an hour; twice as"
        " many in a day",
    )
    login_tries_network: int = Field(
        100,
        ge=1,
        le=1_000_000,
        description="Failed logins from one network, whichever account, within a quarter of an hour; ten times as"
        " many in a day",
    )
    register_tries_network: int = Field(
        100, ge=1, le=1_000_000, description="Refused registrations from one network within an hour"
    )
    registrations_network: int = Field(
        100,
        ge=1,
        le=1_000_000,
        description="Accounts opened from one network within an hour; three times as many in a day",
    )
    registrations: int = Field(
        2000, ge=1, le=10_000_000, description="Accounts opened by everybody within an hour; an event at four fifths"
    )

    audit_keep_days: int = Field(
        400, ge=90, le=36_500, description="How long the record of what happened is kept, in whole months beyond that"
    )
    audit_refusals_per_minute: int = Field(
        300, ge=10, le=100_000, description="Kinds of refusal told apart in the record in a minute, by each process"
    )

    cleanup_interval: int = Field(
        600,
        ge=1,
        le=24 * 3600,
        description="How often tables that nothing depends on are dropped, and those of the days ahead made",
    )
    cleanup_keep: int = Field(
        24 * 3600,
        ge=3600,
        le=400 * 24 * 3600,
        description="How long the rows of expired sessions are kept, in whole days beyond that",
    )

    @property
    def hashes_each(self) -> int:
        """How many a worker computes at a time; at least one, or it could let nobody in."""
        return max(1, self.hash_workers // self.worker_count)

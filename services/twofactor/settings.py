"""What this process must be told."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from chassis.keyring import Algorithm
from chassis.sealing import parse_keys
from chassis.settings import ProcessSettings, WebAddress
from chassis.valkey_address import ValkeyUrl
from services.twofactor.model.places import parse_places
from services.twofactor.phones import parse_regions


def _sealing_keys(secret: SecretStr) -> SecretStr:
    parse_keys(secret.get_secret_value())
    return secret


def _countries(text: str) -> str:
    parse_regions(text)
    return text


def _places(text: str) -> str:
    parse_places(text)
    return text


class Settings(ProcessSettings):
    """Environment variables `COUNTERSIGN_<NAME>`; a secret also as `COUNTERSIGN_<NAME>_FILE`."""

    port: int = Field(8082, ge=1, le=65535, description="Port to listen on")
    database_url: str = Field(description="PostgreSQL, e.g. postgresql://twofactor:...@db/countersign", repr=False)
    redis_url: ValkeyUrl = Field(
        description="Valkey or Redis, e.g. redis://valkey:6379/0, redis+sentinel://one:26379,two:26379/mymaster"
        " or redis+cluster://one:6379,two:6379; see operating.md",
        repr=False,
    )
    auth_url: WebAddress = Field(description="Where this process reaches auth, whose tokens it believes")
    key_encryption_key: Annotated[SecretStr, AfterValidator(_sealing_keys)] = Field(
        description="Seals secrets at rest: base64 of 32 random bytes; several, the newest first, while it is replaced"
    )
    token_algorithm: Algorithm = Field(
        "ES256", description="How auth signs tokens, and the only way that is believed: ES256 or EdDSA"
    )
    receipt_algorithm: Algorithm | None = Field(
        None, description="How approval receipts are signed. Default: as auth signs tokens"
    )
    access_ttl: int = Field(
        300, ge=30, le=3600, description="Life of an access token in seconds: so long an ended session is remembered"
    )
    revocations_grace: float = Field(
        0.8, ge=0.5, le=60, description="Seconds without the stream of ended sessions after which it counts as away"
    )
    without_revocations: Literal["introspect", "accept", "refuse"] = Field(
        "introspect",
        description="While it is away: `refuse` believes no access token, here as at the gateway; with the other two,"
        " one is believed until it ends, for the gateway has asked, and twofactor never asks auth",
    )
    authy_api_key: SecretStr = Field(
        description="API key of the Authy application, which also signs its callbacks", min_length=1
    )
    authy_url: WebAddress = Field("https://api.authy.com", description="Where Authy is reached")
    # Not a WebAddress: it is signed letter by letter, a slash at its end included.
    callback_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="The callback's address exactly as in Authy's console; default PUBLIC_URL/callbacks/authy",
    )
    service_name: str = Field("Countersign", min_length=1, max_length=60, description="Who asks, as people know it")
    logo_url: WebAddress | None = Field(None, description="Picture in the push, https, at most 500 characters")
    challenge_ttl: int = Field(120, ge=30, le=300, description="Seconds a person has to answer a challenge")
    challenges_per_login: int = Field(5, ge=1, le=50, description="Challenges that one login may open")
    wrong_codes_per_hour: int = Field(
        50, ge=5, le=1000, description="Wrong codes after which a person's codes are refused until the hour is over"
    )
    sendings_per_hour: int = Field(20, ge=3, le=1000, description="Pushes to one person's phone in an hour")
    challenges_network: int = Field(
        300,
        ge=1,
        le=1_000_000,
        description="Challenges of one network within a quarter of an hour; as many enrolments in an hour",
    )
    texts_per_phone: int = Field(
        16,
        ge=1,
        le=1000,
        description="Texts to one phone in a day, half as many in an hour; as many again asked for on devices that its"
        " owner has signed in on; as many calls",
    )
    texts_per_country: int = Field(
        500,
        ge=1,
        le=1_000_000,
        description="Texts to one calling code in a day, phones that have confirmed a sign-in and others counted apart;"
        " as many calls; an event at four fifths",
    )
    texts: int = Field(
        2000, ge=1, le=10_000_000, description="The same to all countries together: what a day may cost at most"
    )
    countries: Annotated[str, AfterValidator(_countries)] = Field(
        "",
        description="Countries whose phones are taken: ISO 3166 codes, separated by commas (GB,DE); a territory with a"
        " code of its own by that: GB is not Jersey (JE), though both are +44. None: all are",
    )
    code_tries: int = Field(5, ge=1, le=10, description="Wrong codes that deny a challenge by app, text or call")
    places: Annotated[str, AfterValidator(_places)] = Field(
        "",
        description="Networks that people know by name, said in each push, separated by semicolons:"
        " 192.0.2.0/24=Office Lisbon; 10.8.0.0/16=VPN",
    )
    push_pause: int = Field(
        3600,
        ge=60,
        le=86_400,
        description="Seconds without pushes after three that came to nothing, or `it was not me`",
    )
    deny_means_not_me: bool = Field(
        True,
        description="Whether a denial on the phone ends the person's sessions and asks for a new password; else it only"
        " denies",
    )
    push_binding: Literal["prompt", "none"] = Field(
        "prompt",
        description="prompt: a push carries a number that is typed where the login began; none: Approve alone will do",
    )

    @property
    def signs_with(self) -> Algorithm:
        """How receipts are signed."""
        return self.receipt_algorithm or self.token_algorithm

    audit_keep_days: int = Field(
        400, ge=90, le=36_500, description="How long the record of what happened is kept, in whole months beyond that"
    )
    audit_refusals_per_minute: int = Field(
        300, ge=10, le=100_000, description="Kinds of refusal told apart in the record in a minute, by each process"
    )

    @property
    def served(self) -> frozenset[str]:
        """The countries whose phones are taken, none for all."""
        return parse_regions(self.countries)

    @property
    def issuer(self) -> str:
        """Who signs receipts."""
        return f"{self.public_url}/approvals"

    @property
    def signed_callback_url(self) -> str:
        """The address that Authy signs."""
        return self.callback_url or f"{self.public_url}/callbacks/authy"

"""Settings from the environment, secrets from files, and every fault said at once before a process starts."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import EnvSettingsSource

from chassis.workers import cores

S = TypeVar("S", bound="ProcessSettings")


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        msg = "must be an address that starts with http:// or https://"
        raise ValueError(msg)
    return text.rstrip("/")


def _auto(given: object) -> object:
    return 0 if given == "auto" else given


WebAddress = Annotated[str, AfterValidator(_web_address)]


class SecretFiles(EnvSettingsSource):
    """`PREFIX_NAME_FILE=/run/secrets/name` stands for `PREFIX_NAME=<content of that file>`."""

    def __call__(self) -> dict[str, Any]:
        """The content of each file that the environment names, by field name."""
        found: dict[str, Any] = {}
        for name in self.settings_cls.model_fields:
            path = self.env_vars.get(f"{self.env_prefix}{name}_file".lower())
            if path:
                found[name] = Path(path).read_text().strip()
        return found


class ProcessSettings(BaseSettings):
    """What every process has; each process adds its own."""

    model_config = SettingsConfigDict(env_prefix="COUNTERSIGN_", frozen=True, extra="ignore", env_ignore_empty=True)

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(ge=1, le=65535, description="Port to listen on")
    public_url: WebAddress = Field(
        description="Where people and programs reach the gateway, e.g. https://id.example.com"
    )
    workers: Annotated[int, BeforeValidator(_auto)] = Field(
        1, ge=0, le=256, description="Processes that serve this port together (Linux); auto: one per core"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe event that is logged"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console in a terminal, JSON elsewhere"
    )
    log_sample: float = Field(
        1, ge=0, le=1, description="Share of the log lines that are written for authorised calls that went well"
    )
    metrics_host: str = Field(
        "127.0.0.1", description="Address or name to show /metrics on: one that only those who run the system reach"
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of /metrics, worker n on the n-th after it; 0: not shown"
    )
    otlp_endpoint: WebAddress | None = Field(
        None, description="Collector of traces (OTLP over HTTP), e.g. http://tempo:4318; not set: nothing is traced"
    )
    otlp_sample: float = Field(1, ge=0, le=1, description="Share of the traces that are recorded")
    drain_seconds: float = Field(10, ge=0, le=300, description="How long requests under way may take after SIGTERM")

    @property
    def worker_count(self) -> int:
        """How many processes serve together."""
        return self.workers or cores()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 pydantic names them
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 pydantic names them
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first (tests), then the environment, then the files it names."""
        return init_settings, env_settings, SecretFiles(settings_cls)


def load(settings: type[S]) -> S:
    """The settings of this process, or every fault in them on stderr and exit status 2."""
    wrong = faults(settings)
    if not wrong:
        return settings()
    sys.stderr.write("\n  ".join(["This process cannot start, its settings are wrong:", *wrong]) + "\n")
    sys.exit(2)


def faults(settings: type[ProcessSettings]) -> list[str]:
    """What is wrong with the settings in the environment, a sentence each."""
    try:
        settings()
    except OSError as unreadable:
        return [f"{unreadable.filename}: {unreadable.strerror} (named by a COUNTERSIGN_*_FILE setting)"]
    except ValidationError as invalid:
        return [_sentence(settings, fault["loc"], fault["type"], fault["msg"]) for fault in invalid.errors()]
    return []


def _sentence(settings: type[ProcessSettings], place: tuple[int | str, ...], kind: str, message: str) -> str:
    field = str(place[0]) if place else ""
    name = f"{settings.model_config.get('env_prefix', '')}{field}".upper()
    described = settings.model_fields[field].description if field in settings.model_fields else None
    fault = "is not set" if kind == "missing" else message.removeprefix("Value error, ")
    return f"{name}: {fault}" + (f" ({described})" if described else "")

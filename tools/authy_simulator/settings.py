"""Settings: flags, and for each flag an environment variable ``AUTHY_SIMULATOR_*``."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.authy_simulator import API_KEY

PREFIX = "AUTHY_SIMULATOR_"
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Settings:
    """What one simulator is started with.

    ``registered``: has a new person the Authy app. ``data``: a JSON file that keeps people and requests over a restart.
    ``device_uuid``: how a callback writes it, ``text`` (authy-client demands it) or ``number`` (captures since 2017).
    """

    host: str = "127.0.0.1"
    port: int = 8090
    callback_url: str = "http://127.0.0.1:8080/callbacks/authy"
    application_url: str | None = None
    api_key: str = API_KEY
    app_name: str = "Countersign"
    registered: bool = True
    data: Path | None = None
    device_uuid: str = "text"


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Flags before environment before defaults; a fault ends the program with argparse's usual line."""
    chosen = parser(environment).parse_args(arguments)
    return Settings(
        host=chosen.host,
        port=chosen.port,
        callback_url=chosen.callback_url,
        application_url=chosen.application_url,
        api_key=chosen.api_key,
        app_name=chosen.app_name,
        registered=chosen.registered,
        data=chosen.data,
        device_uuid=chosen.device_uuid,
    )


def parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """The command line, with the environment as its defaults."""
    found = argparse.ArgumentParser("python -m tools.authy_simulator", description="api.authy.com for development.")

    def flag(name: str, default: object, meaning: str, kind: type | None = None) -> None:
        variable = PREFIX + name.upper().replace("-", "_")
        found.add_argument(
            f"--{name}",
            type=kind or str,
            default=environment.get(variable) or default,
            help=f"{meaning} [{variable}]",
        )

    flag("host", Settings.host, "address to listen on")
    flag("port", Settings.port, "port to listen on", int)
    flag("callback-url", Settings.callback_url, "where answers are posted, and the URL that is signed")
    flag("application-url", None, "where people sign up, for the empty page; by default the callback's origin")
    flag("api-key", file_or_none(environment) or API_KEY, "application API key (or ..._API_KEY_FILE)")
    flag("app-name", Settings.app_name, "name of the application on the phone")
    flag("data", None, "JSON file that keeps the state over a restart", Path)
    found.add_argument(
        "--registered",
        action=argparse.BooleanOptionalAction,
        default=truth(environment.get(f"{PREFIX}REGISTERED", "true")),
        help=f"a new person has the Authy app [{PREFIX}REGISTERED]",
    )
    found.add_argument(
        "--device-uuid",
        choices=["text", "number"],
        default=environment.get(f"{PREFIX}DEVICE_UUID", Settings.device_uuid),
        help=f"how a callback writes device_uuid [{PREFIX}DEVICE_UUID]",
    )
    return found


def file_or_none(environment: Mapping[str, str]) -> str | None:
    """The key out of the file that ``AUTHY_SIMULATOR_API_KEY_FILE`` names, as containers hand secrets over."""
    path = environment.get(f"{PREFIX}API_KEY_FILE")
    return Path(path).read_text(encoding="utf-8").strip() if path else None


def truth(text: str) -> bool:
    """``true`` / ``false`` and their usual spellings."""
    if text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    raise SystemExit(f"{PREFIX}REGISTERED must be true or false")

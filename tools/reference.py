"""`python -m tools.reference`: writes what can be read off the code: docs/settings.md, docs/errors.md, .env.example.

`--check` writes nothing and exits 1 if one of them is not what the code says; a test does the same.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic.fields import FieldInfo

import gateway.problems
import gateway.settings
import services.auth.problems
import services.auth.settings
import services.twofactor.problems
import services.twofactor.settings
from chassis.bodies import BODY_PROBLEMS
from chassis.problems import FRAMEWORK, INTERNAL, UNAVAILABLE, Problem
from chassis.settings import ProcessSettings
from tools.limits_page import limits_page
from tools.metrics_reference import metrics_page

ROOT = Path(__file__).resolve().parents[1]
SETTINGS: Mapping[str, type[ProcessSettings]] = {
    "auth": services.auth.settings.Settings,
    "twofactor": services.twofactor.settings.Settings,
    "gateway": gateway.settings.Settings,
}
PROBLEMS: Mapping[str, Mapping[type[Exception], Problem]] = {
    "auth": services.auth.problems.PROBLEMS,
    "twofactor": services.twofactor.problems.PROBLEMS,
    "gateway": gateway.problems.PROBLEMS,
}
# What docker-compose.yml decides itself, with addresses inside its own network or secret files.
DECIDED_BY_COMPOSE = {
    "host", "port", "metrics_host", "metrics_port",
    "log_format", "database_url", "redis_url", "auth_url", "twofactor_url", "key_encryption_key",
    "service_clients", "authy_api_key", "assertion_key", "policy_file",
}  # fmt: skip
# What `make secrets` starts with: the simulator in place of Authy, on this machine only.
TO_BEGIN_WITH = {
    "public_url": "http://127.0.0.1:8080",
    "authy_url": "http://authy-simulator:8090",
    "callback_url": "http://gateway:8080/callbacks/authy",
}


def settings_page() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Every process reads its settings from environment variables, says all that is wrong with them at once, and",
        "does not start until they are right. A variable that ends in `_FILE` names a file with the value: use it for",
        "every secret. With docker compose, `.env` reaches every service and the secrets stand in `secrets/`;",
        "`make secrets` writes both.",
        "",
        "<!-- Written by `python -m tools.reference`. -->",
    ]
    for service, settings in SETTINGS.items():
        lines += ["", f"## {service}", "", "| variable | default | what it is |", "|---|---|---|"]
        lines += [_row(name, field) for name, field in settings.model_fields.items()]
    return "\n".join([*lines, ""])


def _row(name: str, field: FieldInfo) -> str:
    description = (field.description or "").replace("|", "\\|")
    return f"| `COUNTERSIGN_{name.upper()}` | {_default(field)} | {description} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    if field.default_factory is not None:
        return "see right"
    value = field.get_default()
    secret = getattr(value, "get_secret_value", None)
    text = secret() if secret else value
    return f"`{text}`" if text not in (None, "", ()) else "none"


def example() -> str:
    """.env.example."""
    lines = [
        "# What an operator decides, for docker-compose.yml. `make secrets` copies this to .env once and keeps it.",
        "# A line that begins with # shows a default. Secrets do not stand here: they are files in secrets/.",
        "",
        "# Where compose publishes the gateway and the simulator on 127.0.0.1:",
        "#PORT=8080",
        "#SIMULATOR_PORT=8090",
    ]
    seen = set(DECIDED_BY_COMPOSE)
    for service, settings in SETTINGS.items():
        lines += ["", f"# --- {'every service, and auth' if service == 'auth' else service}"]
        for name, field in settings.model_fields.items():
            if name not in seen:
                seen.add(name)
                lines += ["", f"# {field.description}", _line(name, field)]
    return "\n".join([*lines, ""])


def _line(name: str, field: FieldInfo) -> str:
    variable = f"COUNTERSIGN_{name.upper()}"
    if name in TO_BEGIN_WITH:
        note = "# The simulator's; for people: https://api.authy.com, and your key in secrets/authy_api_key.\n"
        note = note if name == "authy_url" else ""
        note = "# The simulator's; for people: leave it out.\n" if name == "callback_url" else note
        return f"{note}{variable}={TO_BEGIN_WITH[name]}"
    default = "" if field.is_required() or field.default_factory is not None else field.get_default()
    secret = getattr(default, "get_secret_value", None)
    value = secret() if secret else default
    return f"#{variable}={'' if value in (None, ()) else value}"


def errors_page() -> str:
    """docs/errors.md."""
    lines = [
        "# Errors",
        "",
        "`/v1/*` answers problem documents (RFC 9457, `application/problem+json`): `{title, status, detail, error}`",
        "and what else helps; programs read `error`. `/oauth2/*` says the same codes as `{error, error_description}`",
        "and what else helps (RFC 6749 section 5.2), with 400 where another status stands here, but for 401, 429 and",
        "5xx; a partial token that is none is `invalid_grant` there. A 5xx carries a `reference`: the operator finds",
        "it in the logs as `request_id`;",
        "every answer has it as `X-Request-ID`. Where waiting helps, `Retry-After` says how long (seconds).",
        "",
        "<!-- Written by `python -m tools.reference`. -->",
    ]
    everywhere = {type(f"Http{status}", (Exception,), {}): problem for status, problem in FRAMEWORK.items()}
    unforeseen: dict[type[Exception], Problem] = {ConnectionError: UNAVAILABLE, Exception: INTERNAL}
    for title, table in [("Everywhere", {**everywhere, **BODY_PROBLEMS, **unforeseen}), *PROBLEMS.items()]:
        lines += ["", f"## {title}", "", "| status | error | what it says |", "|---|---|---|"]
        rows = {f"| {problem.status} | `{problem.error}` | {problem.detail} |" for problem in table.values()}
        lines += sorted(rows)
    return "\n".join([*lines, ""])


PAGES = {
    "docs/settings.md": settings_page,
    "docs/errors.md": errors_page,
    "docs/metrics.md": metrics_page,
    "docs/limits.md": limits_page,
    ".env.example": example,
}


def stale() -> list[str]:
    """The pages that are not what the code says."""
    return [name for name, page in PAGES.items() if not (ROOT / name).exists() or (ROOT / name).read_text() != page()]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which are stale")
    names = stale()
    if parser.parse_args().check:
        print("\n".join(f"{name} is stale: python -m tools.reference" for name in names) or "all up to date")
        return 1 if names else 0
    for name in names:
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_text(PAGES[name]())
    print(f"written: {', '.join(names)}" if names else "all up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())

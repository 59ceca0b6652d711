"""The three applications as they are served, with settings that reach nothing: enough to read routes and descriptions off."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

import gateway.app
import gateway.described
import gateway.settings
import services.auth.app
import services.auth.described
import services.auth.settings
import services.twofactor.app
import services.twofactor.described
import services.twofactor.settings
from chassis.openapi import Surface
from chassis.openapi_document import document
from tools import secrets

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = ("auth", "twofactor", "gateway")


@dataclass(frozen=True)
class Process:
    """One of the three, built but not started."""

    name: str
    app: web.Application
    surface: Surface

    @property
    def routes(self) -> list[web.AbstractRoute]:
        return list(self.app.router.routes())

    @property
    def document(self) -> dict[str, Any]:
        return document(self.surface, self.routes, "1")


def process(name: str) -> Process:
    kept = secrets.compose_secrets()
    shared = {
        "public_url": "https://id.example.com",
        "redis_url": "redis://nowhere",
        "database_url": "postgresql://nowhere",
    }
    match name:
        case "auth":
            own = {
                "twofactor_url": "http://twofactor",
                "key_encryption_key": kept["auth_key_encryption_key"],
                "service_clients": kept["service_clients"],
            }
            app = services.auth.app.build_app(services.auth.settings.Settings(**shared, **own))
            return Process(name, app, services.auth.described.SURFACE)
        case "twofactor":
            own = {
                "auth_url": "http://auth",
                "key_encryption_key": kept["twofactor_key_encryption_key"],
                "authy_api_key": "x" * 32,
            }
            app = services.twofactor.app.build_app(services.twofactor.settings.Settings(**shared, **own))
            return Process(name, app, services.twofactor.described.SURFACE)
        case _:
            own = {
                "auth_url": "http://auth",
                "twofactor_url": "http://twofactor",
                "assertion_key": kept["gateway_assertion_key"],
                "policy_file": ROOT / "deploy/policy/policy.toml",
            }
            app = gateway.app.build_app(gateway.settings.Settings(**shared, **own))
            return Process(name, app, gateway.described.SURFACE)

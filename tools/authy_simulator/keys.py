"""The names under which app.py hands the parts to the handlers."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from tools.authy_simulator.callbacks.sender import CallbackSender
from tools.authy_simulator.changes import Changes
from tools.authy_simulator.faults.book import FaultBook
from tools.authy_simulator.settings import Settings
from tools.authy_simulator.tokens import TokenDesk
from tools.authy_simulator.world import World

SETTINGS = web.AppKey("settings", Settings)
WORLD = web.AppKey("world", World)
TOKENS = web.AppKey("tokens", TokenDesk)
FAULTS = web.AppKey("faults", FaultBook)
CALLBACKS = web.AppKey("callbacks", CallbackSender)
CHANGES = web.AppKey("changes", Changes)
CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("clock")
NEW_ID: web.AppKey[Callable[[], str]] = web.AppKey("new_id")

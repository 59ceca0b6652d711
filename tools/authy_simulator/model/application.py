"""The one application that this simulator has."""

from typing import Final

APP_SERIAL_ID: Final = 46113
PLAN: Final = "pay_as_you_go"

"""The vendor of second factors that this process speaks to."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import ClientSession

from chassis.clock import Clock
from services.twofactor.model.channel import Channel
from services.twofactor.ports import CallbackReader, Provider
from services.twofactor.providers.authy import Authy
from services.twofactor.providers.authy_callback import AuthyCallbackReader
from services.twofactor.settings import Settings


@dataclass(frozen=True)
class Vendor:
    """Who asks people, who reads what comes back, and by which channels nobody is asked now, for so many seconds."""

    provider: Provider
    reader: CallbackReader
    held: Callable[[], Mapping[Channel, int]] = dict


MakeVendor = Callable[[Settings, ClientSession, Clock], Vendor]


def authy(settings: Settings, session: ClientSession, clock: Clock) -> Vendor:
    """Authy, by its API key: the same key opens its API and signs its callbacks."""
    api_key = settings.authy_api_key.get_secret_value()
    provider = Authy.over(session, base_url=settings.authy_url, api_key=api_key, clock=clock, jitter=random.random)
    return Vendor(provider, AuthyCallbackReader(api_key, settings.signed_callback_url, clock))

"""Which channels a person can use now: from their status at Authy and from our application's switches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chassis.clock import Clock
from services.twofactor.model.channel import PHONE_CHANNELS, Availability, Channel, Unavailable
from services.twofactor.model.errors import ProviderUnavailable
from services.twofactor.providers.authy_answers import Nonsense, as_object
from services.twofactor.providers.authy_call import Call, Purpose
from services.twofactor.providers.authy_http import AuthyHttp

SWITCHES_FRESH = timedelta(seconds=60)
SWITCHES_RETRY = timedelta(seconds=5)


@dataclass(frozen=True)
class AppDetails:
    """Our application at Authy: which channels its owner switched on."""

    push: bool = True
    sms: bool = True
    voice: bool = True

    def has_off(self, channel: Channel) -> bool:
        """Whether the channel is switched off for everybody; codes of the app cannot be."""
        on = {Channel.PUSH: self.push, Channel.SMS: self.sms, Channel.VOICE: self.voice}
        return not on.get(channel, True)


@dataclass(frozen=True)
class PersonStatus:
    """A person at Authy."""

    has_app: bool
    is_suspended: bool


@dataclass
class AppSwitches:
    """Our application's switches, remembered a short time: they hardly ever change, and each sign-in asks."""

    http: AuthyHttp
    clock: Clock
    _known: AppDetails = field(default_factory=AppDetails)
    _until: datetime | None = None

    async def read(self) -> AppDetails:
        """Asks Authy; raises what the port allows."""
        self._known = await self.http.read(Call(Purpose.APP_DETAILS, "GET", "/protected/json/app/details"), read_app)
        self._until = self.clock() + SWITCHES_FRESH
        return self._known

    async def current(self) -> AppDetails:
        """What is known. Authy's silence here takes no channel away: the channel itself will tell."""
        if self._until is None or self.clock() >= self._until:
            try:
                return await self.read()
            except ProviderUnavailable:
                self._until = self.clock() + SWITCHES_RETRY
        return self._known


def read_app(body: Mapping[str, object]) -> AppDetails:
    """Only an explicit `false` is off; raises `Nonsense`."""
    app = as_object(body.get("app"), "app")
    return AppDetails(
        push=app.get("onetouch_enabled") is not False,
        sms=app.get("sms_enabled") is not False,
        voice=app.get("phone_calls_enabled") is not False,
    )


def read_status(body: Mapping[str, object]) -> PersonStatus:
    """From the answer to GET users/{id}/status; raises `Nonsense`."""
    status = as_object(body.get("status"), "status")
    has_app = status.get("registered")
    if not isinstance(has_app, bool):
        raise Nonsense("registered")
    return PersonStatus(has_app, is_suspended=status.get("account_disabled") is True)


def availability(person: PersonStatus, app: AppDetails) -> Sequence[Availability]:
    """All four channels, best first."""
    return [Availability(channel, _reason(channel, person, app)) for channel in PHONE_CHANNELS]


def _reason(channel: Channel, person: PersonStatus, app: AppDetails) -> Unavailable | None:
    if person.is_suspended:
        return Unavailable.ACCOUNT_SUSPENDED
    if app.has_off(channel):
        return Unavailable.CHANNEL_DISABLED
    needs_app = channel in {Channel.PUSH, Channel.APP}
    return Unavailable.APP_NOT_REGISTERED if needs_app and not person.has_app else None

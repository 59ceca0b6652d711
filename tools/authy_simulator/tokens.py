"""Sending codes and checking tokens (contract sections 4 and 5)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from tools.authy_simulator.errors import known_error
from tools.authy_simulator.model import message as texts
from tools.authy_simulator.model.message import Message, MessageChannel
from tools.authy_simulator.model.person import Person
from tools.authy_simulator.model.phone import Phone
from tools.authy_simulator.model.token import is_current, matching_step
from tools.authy_simulator.world import World

WORDING = {MessageChannel.SMS: texts.sms_text, MessageChannel.VOICE: texts.voice_text}
FROM_ANYWHERE = "any"
FROM_APP = "app"


@dataclass
class TokenDesk:
    """Knows which app tokens were used: ``used`` holds phone and step of each."""

    world: World
    clock: Callable[[], datetime]
    new_code: Callable[[], str]
    app_name: str
    used: set[tuple[Phone, int]] = field(default_factory=set)

    def send(self, person: Person, channel: MessageChannel, action: str | None, action_message: str | None) -> None:
        """A fresh code goes to the phone as a text or a call; ``action`` binds it."""
        code = self.new_code()
        text = WORDING[channel](self.app_name, code, action_message)
        self.world.inbox.deliver(Message(person.phone, channel, text, self.clock(), code, action))

    def nudge(self, person: Person) -> None:
        """Instead of a code: the app says that it has one."""
        text = texts.nudge_text(self.app_name)
        self.world.inbox.deliver(Message(person.phone, MessageChannel.NUDGE, text, self.clock()))

    def require_valid(self, person: Person, token: str, action: str | None, force: bool) -> str:
        """Spends the token and says where it came from: ``app``, ``sms``, ``voice``, or ``any``.

        ``any``: without ``force`` a person who is neither registered nor confirmed passes with whatever they give.
        Raises AuthyError 60020 (wrong) or 60019 (used before).
        """
        if not (force or person.registered or person.confirmed):
            return FROM_ANYWHERE
        source = self._spend_code(person, token, action) or self._spend_app_token(person, token, action)
        if source is None:
            raise known_error("60020")
        self.world.people.save(replace(self.world.people.by_phone(person.phone) or person, confirmed=True))
        return source

    def _spend_code(self, person: Person, token: str, action: str | None) -> str | None:
        now = self.clock()
        found = next((each for each in self.world.inbox.of(person.phone) if each.carries(token, action, now)), None)
        if found is None:
            return None
        if found.used:
            raise known_error("60019")
        self.world.inbox.mark_used(found)
        return found.channel.value

    def _spend_app_token(self, person: Person, token: str, action: str | None) -> str | None:
        # A token of the app was sent for no action, so it answers none.
        if not person.registered or action is not None:
            return None
        step = matching_step(person.phone, token, self.clock())
        if step is None:
            return None
        if (person.phone, step) in self.used:
            raise known_error("60019")
        self.used = {(phone, past) for phone, past in self.used if is_current(past, self.clock())}
        self.used.add((person.phone, step))
        return FROM_APP

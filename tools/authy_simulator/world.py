"""What the simulator remembers: people, what reached their phones, and approval requests. All in memory.

Each store takes ``changed``, a function that is told whose phone has changed; the phone page and the state file listen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tools.authy_simulator.model.approval import Approval
from tools.authy_simulator.model.message import Message
from tools.authy_simulator.model.person import Person
from tools.authy_simulator.model.phone import Phone

Changed = Callable[[Phone], None]
# A phone shows its latest; older ones are forgotten, so that load tests do not fill the memory.
KEPT_PER_PHONE = 50


class People:
    """Everybody, by phone and by authy_id."""

    def __init__(self, changed: Changed, people: Iterable[Person] = ()) -> None:
        self._changed = changed
        self._by_phone = {person.phone: person for person in people}
        self._by_id = {person.authy_id: person.phone for person in self._by_phone.values()}

    def by_phone(self, phone: Phone) -> Person | None:
        """The person with this phone, also one whom the API has not created yet."""
        return self._by_phone.get(phone)

    def by_id(self, authy_id: int) -> Person | None:
        """The person with this id."""
        phone = self._by_id.get(authy_id)
        return self._by_phone[phone] if phone else None

    def meet(self, phone: Phone, email: str, registered: bool, now: datetime) -> Person:
        """A new person, not saved yet, with an id that nobody else has."""
        attempt = 0
        while phone.authy_id(attempt) in self._by_id:
            attempt += 1
        return Person(phone, phone.authy_id(attempt), email, registered, now)

    def save(self, person: Person) -> None:
        """Puts the person in place of what was known of them."""
        self._by_phone[person.phone] = person
        self._by_id[person.authy_id] = person.phone
        self._changed(person.phone)

    def all(self) -> list[Person]:
        """Newest first."""
        return list(self._by_phone.values())[::-1]

    def count(self) -> int:
        """How many there are."""
        return len(self._by_phone)


class Inbox:
    """Texts, calls and nudges, by phone, oldest first."""

    def __init__(self, changed: Changed, messages: Iterable[Message] = ()) -> None:
        self._changed = changed
        self._by_phone: dict[Phone, list[Message]] = {}
        for message in messages:
            self._by_phone.setdefault(message.phone, []).append(message)

    def deliver(self, message: Message) -> None:
        """The message arrives."""
        kept = self._by_phone.setdefault(message.phone, [])
        kept.append(message)
        del kept[:-KEPT_PER_PHONE]
        self._changed(message.phone)

    def of(self, phone: Phone) -> list[Message]:
        """All of a phone, newest first."""
        return self._by_phone.get(phone, [])[::-1]

    def mark_used(self, message: Message) -> None:
        """The code of this message was accepted."""
        kept = self._by_phone[message.phone]
        kept[kept.index(message)] = replace(message, used=True)
        self._changed(message.phone)

    def all(self) -> list[Message]:
        """Every message, for the state file."""
        return [message for kept in self._by_phone.values() for message in kept]


class Approvals:
    """Approval requests, by uuid and by phone."""

    def __init__(self, changed: Changed, approvals: Iterable[Approval] = ()) -> None:
        self._changed = changed
        self._by_uuid: dict[str, Approval] = {}
        self._by_phone: dict[Phone, list[str]] = {}
        for approval in approvals:
            self.save(approval)

    def by_uuid(self, uuid: str) -> Approval | None:
        """The request of this uuid."""
        return self._by_uuid.get(uuid)

    def save(self, approval: Approval) -> None:
        """Puts the request in place of what was known of it."""
        kept = self._by_phone.setdefault(approval.phone, [])
        if approval.uuid not in self._by_uuid:
            kept.append(approval.uuid)
        self._by_uuid[approval.uuid] = approval
        if len(kept) > KEPT_PER_PHONE:
            del self._by_uuid[kept.pop(0)]
        self._changed(approval.phone)

    def of(self, phone: Phone) -> list[Approval]:
        """All of a phone, newest first."""
        return [self._by_uuid[uuid] for uuid in self._by_phone.get(phone, [])[::-1]]

    def all(self) -> list[Approval]:
        """Every request, for the state file."""
        return list(self._by_uuid.values())


@dataclass(frozen=True)
class World:
    """The three stores, handed around together."""

    people: People
    inbox: Inbox
    approvals: Approvals

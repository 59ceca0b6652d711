"""What the templates are given: plain values, already in words. Templates say where they stand, not what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from markupsafe import Markup

from gateway.pages import naming

# The order in which ways to confirm are offered, best first: what cannot be phished by reading a code aloud leads.
_BEST_FIRST = ("push", "totp", "app", "sms", "voice", "recovery")


@dataclass(frozen=True)
class Field:
    """What a person typed into a field, kept over a refusal, and what is wrong with it ("" when nothing is)."""

    value: str = ""
    error: str = ""


@dataclass(frozen=True)
class Form:
    """The fields of a page by name; `problem` is what is wrong with all of it together."""

    fields: Mapping[str, Field] = field(default_factory=lambda: MappingProxyType({}))
    problem: str = ""

    def __getattr__(self, name: str) -> Field:
        """Read a field in a template: `form.email.value`. Unknown fields are empty."""
        return self.fields.get(name, Field())

    @property
    def wrong(self) -> bool:
        """Whether anything has to be corrected."""
        return bool(self.problem) or any(one.error for one in self.fields.values())


@dataclass(frozen=True)
class Way:
    """One way to confirm, as a row of the list; `reason` is "" when it works, `factor` names it to twofactor."""

    channel: str
    name: str
    reason: str = ""
    preferred: bool = False
    factor: str = ""

    @property
    def works(self) -> bool:
        """Whether it can be chosen now."""
        return not self.reason

    @property
    def title(self) -> str:
        """Its heading."""
        return naming.TITLES[self.channel]

    @property
    def hint(self) -> str:
        """What choosing it will do, with the masked phone."""
        return naming.HINTS[self.channel].format(name=self.name)

    @property
    def instead(self) -> str:
        """Its name on a small button, where another way is already under way."""
        return naming.INSTEAD[self.channel]


def in_order(ways: list[Way]) -> list[Way]:
    """The ways that work first, among them the last one used, then the best."""
    return sorted(ways, key=lambda way: (not way.works, not way.preferred, _BEST_FIRST.index(way.channel)))


@dataclass(frozen=True)
class Scan:
    """A secret for an authenticator app, three times: to scan, to open on this very phone, to type."""

    picture: Markup = field(repr=False)
    uri: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def typed(self) -> str:
        """In groups of four."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


@dataclass(frozen=True)
class Door:
    """A link to something that this person may open."""

    name: str
    href: str


@dataclass(frozen=True)
class Ended:
    """A challenge that ended without a yes; `kind` colours it ("bad", "late" or ""), `doors` lead to what helps."""

    title: str
    text: str
    again: str
    icon: str
    kind: str = ""
    question: str = ""
    warning: str = ""
    channel: str = "push"
    doors: tuple[Door, ...] = ()

    def on(self, channel: str) -> "Ended":
        """The same end, of a challenge on this channel."""
        return replace(self, channel=channel)


@dataclass(frozen=True)
class Home:
    """Who is signed in, and how that was proved."""

    email: str
    methods: tuple[str, ...]
    assurance: str
    since: datetime
    doors: tuple[Door, ...] = ()


@dataclass(frozen=True)
class Problem:
    """The error page: what happened, what to do, and what the operator can look for in the logs."""

    title: str
    what: str
    todo: str = ""
    href: str = "/"
    action: str = "Go on"
    reference: str = ""

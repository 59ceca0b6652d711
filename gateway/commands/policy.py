"""`countersign policy check FILE` and `policy explain METHOD URL`: an operator's questions about the rules."""

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from chassis.clock import system_clock
from chassis.commands import AsJson, CannotDo, group, say
from gateway.model.decision import Approach, Forward, SignInFirst
from gateway.model.explanation import Explanation, explain
from gateway.model.identity import Identity
from gateway.model.policy import Policy, plain_host
from gateway.model.policy_text import PolicyFault, read_policy
from gateway.problems import problem_of

LIFE = timedelta(minutes=5)
_LINE = re.compile(r"line (\d+)")
_DEFAULT = "Default: the one that COUNTERSIGN_POLICY_FILE names, or deploy/policy/policy.toml."
File = Annotated[Path | None, typer.Argument(help=f"The policy. {_DEFAULT}", show_default=False)]
InFile = Annotated[Path | None, typer.Option("--file", help=f"The policy. {_DEFAULT}", show_default=False)]
Method = Annotated[str, typer.Argument(help="GET, POST, ...", show_default=False)]
Url = Annotated[str, typer.Argument(help="https://host/path?query, or /path for a host that no rule names.")]
User = Annotated[str | None, typer.Option("--user", help="Id of the person that asks.")]
Acr = Annotated[str, typer.Option("--acr", help="How they signed in: aal2 (both factors) or aal1.")]
Age = Annotated[int, typer.Option("--age", metavar="SECONDS", help="How long ago they confirmed.")]
Scope = Annotated[str, typer.Option("--scope", help="Scopes of the token, spaces between.", show_default=False)]
Groups = Annotated[str, typer.Option("--groups", help="Groups of the person, spaces between.", show_default=False)]
Client = Annotated[str | None, typer.Option("--client", help="Id of the service that asks in its own name.")]
Browser = Annotated[bool, typer.Option("--browser", help="With a browser's cookie, looking at a page.")]

app = group("The rules of the gateway: which path goes where, and who may pass.")


@dataclass(frozen=True)
class Asked:
    """A request as the question describes it."""

    method: str
    url: str
    user: str | None
    acr: str
    age: int
    scope: str
    groups: str
    client: str | None
    browser: bool

    def approach(self) -> Approach:
        """What the gateway would see."""
        parts = urlsplit(self.url)
        return Approach(
            method=self.method,
            path=parts.path or "/",
            query=parts.query,
            bearer=None if self.browser else "token",
            is_own=True,
            is_navigation=self.browser and self.method in {"GET", "HEAD"},
            host=plain_host(parts.netloc),
        )

    def identity(self, now: datetime) -> Identity | None:
        """Who would ask."""
        scope = frozenset(self.scope.split())
        if self.client:
            return Identity(self.client, "", "", (), now, now + LIFE, self.client, scope, is_client=True)
        if not self.user:
            return None
        confirmed, groups = now - timedelta(seconds=self.age), frozenset(self.groups.split())
        return Identity(self.user, "session", self.acr, (), confirmed, now + LIFE, "", scope, groups=groups)


@app.command()
def check(file: File = None, as_json: AsJson = False) -> int:
    """Find what is wrong with a policy file, by line. Exit status 1 if anything is."""
    path = _path(file)
    try:
        rules = len(_read(path).routes)
    except PolicyFault as wrong:
        if not as_json:
            raise CannotDo("\n".join(f"{path}: {fault}" for fault in wrong.faults)) from wrong
        say({"file": str(path), "rules": None, "faults": [_told(fault) for fault in wrong.faults]}, str, as_json=True)
        return 1
    judged = ", nothing wrong" if rules else ": whatever the gateway does not answer itself is refused"
    written = f"{path}: {rules} rule{'' if rules == 1 else 's'}{judged}"
    say({"file": str(path), "rules": rules, "faults": []}, lambda _: written, as_json=as_json)
    return 0


@app.command("explain")
def explain_(
    method: Method,
    url: Url,
    user: User = None,
    acr: Acr = "aal2",
    age: Age = 0,
    scope: Scope = "",
    groups: Groups = "",
    client: Client = None,
    browser: Browser = False,
    file: InFile = None,
    as_json: AsJson = False,
) -> None:
    """Say which rule decides about a request, and why."""
    asked = Asked(method.upper(), url, user, acr, age, scope, groups, client, browser)
    path, now = _path(file), system_clock()
    try:
        found = explain(_read(path), asked.approach(), asked.identity(now), now)
    except PolicyFault as wrong:
        raise CannotDo("\n".join(f"{path}: {fault}" for fault in wrong.faults)) from wrong
    except ValueError as unclear:
        raise typer.BadParameter(f"{url} is not an address: {unclear}") from unclear
    say(_document(found), _text, as_json=as_json)


def _path(file: Path | None) -> Path:
    return file or Path(os.environ.get("COUNTERSIGN_POLICY_FILE") or "deploy/policy/policy.toml")


def _read(path: Path) -> Policy:
    """The policy; raises `PolicyFault`, also for a file that cannot be read."""
    try:
        return read_policy(path.read_text(encoding="utf-8"))
    except OSError as unreadable:
        raise PolicyFault([f"cannot be read: {unreadable.strerror}"]) from unreadable
    except UnicodeDecodeError as foreign:
        raise PolicyFault(["is not UTF-8"]) from foreign


def _told(fault: str) -> dict[str, Any]:
    line = _LINE.search(fault)
    return {"line": int(line[1]) if line else None, "text": fault}


def _document(found: Explanation) -> dict[str, Any]:
    rule = found.rule
    place = None if rule is None else {"line": rule.line, "name": rule.name, "path": rule.prefix, "host": rule.host}
    match found.outcome:
        case Forward():
            outcome: dict[str, Any] = {"outcome": "passes"}
        case SignInFirst(return_to, is_fresh):
            outcome = {"outcome": "signs_in_again" if is_fresh else "signs_in", "return_to": return_to}
        case refusal:
            problem = problem_of(refusal)
            outcome = {"outcome": "refused", "status": problem.status, "error": problem.error, "detail": problem.detail}
    return {**outcome, "rule": place, "why": list(found.why)}


def _text(document: dict[str, Any]) -> str:
    said = {"passes": "passes", "signs_in": "is led to sign in", "signs_in_again": "is asked for the factor again"}
    last = said.get(document["outcome"]) or f"is refused: {document.get('status')} {document.get('error')}"
    return "\n".join([*document["why"], f"=> the request {last}"])

"""`python -m gateway policy check FILE` and `policy explain METHOD URL`: an operator's questions about the rules."""

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chassis.clock import Clock
from gateway.model.decision import Approach, Forward, SignInFirst
from gateway.model.explanation import Explanation, explain
from gateway.model.identity import Identity
from gateway.model.policy import Policy, plain_host
from gateway.model.policy_text import PolicyFault, read_policy
from gateway.problems import problem_of

LIFE = timedelta(minutes=5)
_LINE = re.compile(r"line (\d+)")


def run(arguments: Sequence[str], clock: Clock) -> int:
    """Exit status 0: answered; 1: the file is broken; 2: the question is."""
    asked = _parser().parse_args(arguments)
    path = Path(asked.file or os.environ.get("COUNTERSIGN_POLICY_FILE", "deploy/policy.toml"))
    try:
        policy = read_policy(path.read_text(encoding="utf-8"))
    except PolicyFault as wrong:
        return _say_faults(path, wrong.faults, as_json=asked.json)
    except OSError as unreadable:
        return _say_faults(path, [f"cannot be read: {unreadable.strerror}"], as_json=asked.json)
    except UnicodeDecodeError:
        return _say_faults(path, ["is not UTF-8"], as_json=asked.json)
    if asked.question == "check":
        return _say_right(path, policy, as_json=asked.json)
    now = clock()
    found = explain(policy, _approach(asked), _identity(asked, now), now)
    _print(_document(found) if asked.json else _text(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m gateway policy", description=__doc__)
    questions = parser.add_subparsers(dest="question", required=True)
    check = questions.add_parser("check", help="find what is wrong with a policy file, by line")
    check.add_argument("file", nargs="?", help="default: the one that COUNTERSIGN_POLICY_FILE names")
    why = questions.add_parser("explain", help="which rule decides about a request, and why")
    why.add_argument("method", type=str.upper)
    why.add_argument("url", help="https://host/path?query, or /path for a host that no rule names")
    why.add_argument("--user", help="id of the person that asks")
    why.add_argument("--acr", default="aal2", help="how they signed in: aal2 (both factors) or aal1")
    why.add_argument("--age", type=int, default=0, help="seconds since they confirmed")
    why.add_argument("--scope", default="", help="scopes of the token, spaces between")
    why.add_argument("--client", help="id of the service that asks in its own name")
    why.add_argument("--browser", action="store_true", help="with a browser's cookie, looking at a page")
    why.add_argument("--file", help="default: the one that COUNTERSIGN_POLICY_FILE names")
    for each in (check, why):
        each.add_argument("--json", action="store_true", help="for programs")
    return parser


def _approach(asked: argparse.Namespace) -> Approach:
    parts = urlsplit(asked.url)
    return Approach(
        method=asked.method,
        path=parts.path or "/",
        query=parts.query,
        bearer=None if asked.browser else "token",
        is_own=True,
        is_navigation=asked.browser and asked.method in {"GET", "HEAD"},
        host=plain_host(parts.netloc),
    )


def _identity(asked: argparse.Namespace, now: datetime) -> Identity | None:
    scope = frozenset(asked.scope.split())
    if asked.client:
        return Identity(asked.client, "", "", (), now, now + LIFE, asked.client, scope, is_client=True)
    if not asked.user:
        return None
    return Identity(asked.user, "session", asked.acr, (), now - timedelta(seconds=asked.age), now + LIFE, "", scope)


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


def _text(found: Explanation) -> str:
    document = _document(found)
    said = {"passes": "passes", "signs_in": "is led to sign in", "signs_in_again": "is asked for the factor again"}
    last = said.get(document["outcome"]) or f"is refused: {document.get('status')} {document.get('error')}"
    return "\n".join([*found.why, f"=> the request {last}"])


def _say_right(path: Path, policy: Policy, *, as_json: bool) -> int:
    rules = len(policy.routes)
    document = {"file": str(path), "rules": rules, "faults": []}
    _print(document if as_json else f"{path}: {rules} rule{'' if rules == 1 else 's'}, nothing wrong")
    return 0


def _say_faults(path: Path, faults: list[str], *, as_json: bool) -> int:
    if as_json:
        told = [{"line": int(line[1]) if (line := _LINE.search(fault)) else None, "text": fault} for fault in faults]
        _print({"file": str(path), "rules": None, "faults": told})
    else:
        sys.stderr.write("\n".join(f"{path}: {fault}" for fault in faults) + "\n")
    return 1


def _print(said: object) -> None:
    sys.stdout.write((said if isinstance(said, str) else json.dumps(said, indent=2)) + "\n")

"""`countersign challenges list|show|cancel`: what a person is being asked right now."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.commands import AsJson, CannotDo, Yes, confirm, group, say, table
from chassis.responses import rfc3339
from services.twofactor.commands.factors import Who
from services.twofactor.commands.opening import Operator, answer, user_id
from services.twofactor.model.challenge import Challenge

Which = Annotated[str, typer.Argument(metavar="CHALLENGE", help="The challenge's id, from `challenges list`.")]

app = group("What a person is being asked right now: the newest challenge of each login that they have under way.")


@app.command("list")
def list_(who: Who, as_json: AsJson = False) -> None:
    """The newest challenge of each login under way, by when the login is over."""
    user = user_id(who)

    async def act(operator: Operator) -> dict[str, Any]:
        return {"user": user, "challenges": [_document(each) for each in await operator.void.latest_of(user)]}

    say(answer(act), _challenges, as_json=as_json)


@app.command()
def show(who: Who, challenge: Which, as_json: AsJson = False) -> None:
    """One of them, with all that is known of it."""
    user = user_id(who)

    async def act(operator: Operator) -> dict[str, Any]:
        return _document(await _require(operator, user, challenge))

    say(answer(act), _facts, as_json=as_json)


@app.command()
def cancel(who: Who, challenge: Which, yes: Yes = False, as_json: AsJson = False) -> None:
    """Cancel a challenge that waits: whatever the phone says later opens nothing."""
    user = user_id(who)
    confirm(f"Cancel this challenge of {who}?", yes=yes)

    async def act(operator: Operator) -> dict[str, Any]:
        found = await _require(operator, user, challenge)
        if not await operator.void.cancel(found):
            raise CannotDo(f"{challenge} is {found.status} already: it cannot be cancelled")
        return _document(await _require(operator, user, challenge))

    say(answer(act), _facts, as_json=as_json)


async def _require(operator: Operator, user: str, challenge: str) -> Challenge:
    found = next((each for each in await operator.void.latest_of(user) if each.id == challenge), None)
    if found is None:
        raise CannotDo(f"{user} has no challenge {challenge} under way: see `countersign challenges list {user}`")
    return found


def _document(found: Challenge) -> dict[str, Any]:
    """Without the vendor's account and reference, and without the receipt."""
    return {
        "id": found.id,
        "login": found.login,
        "status": found.status,
        "reason": found.reason or None,
        "channel": found.channel,
        "factor": found.enrolment,
        "name": found.name,
        "created_at": found.created_at,
        "expires_at": found.expires_at,
        "tries_left": found.tries_left,
        "browser": found.context.browser,
        "address": found.context.address,
    }


def _challenges(document: dict[str, Any]) -> Table:
    shown = table("CHALLENGE", "STATUS", "CHANNEL", "ASKED", "FROM")
    for each in document["challenges"]:
        asked_from = f"{each['browser']}, {each['address']}"
        shown.add_row(each["id"], each["status"], each["channel"], rfc3339(each["created_at"]), asked_from)
    return shown


def _facts(document: dict[str, Any]) -> Table:
    shown = table("", "")
    shown.show_header = False
    for name, fact in document.items():
        said = rfc3339(fact) if name.endswith("_at") else fact
        if said is not None:
            shown.add_row(name.replace("_", " "), str(said))
    return shown

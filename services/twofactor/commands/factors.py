"""`countersign factors list|remove`: what a person can confirm with."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.commands import AsJson, CannotDo, Yes, confirm, group, say, table
from chassis.responses import rfc3339
from services.twofactor.commands.opening import Operator, answer, user_id
from services.twofactor.model.factor import Enrolment, read_factor_id

Who = Annotated[str, typer.Argument(metavar="USER", help="The person's id: `countersign users show EMAIL` says it.")]
Which = Annotated[str, typer.Argument(metavar="FACTOR", help="The factor's id, from `factors list`.")]
Needed = Annotated[str, typer.Option("--reason", help="Why: kept with the record.")]

app = group("The second factors of a person. To take all of them away: `countersign users reset-factors`, in auth.")


@app.command("list")
def list_(who: Who, as_json: AsJson = False) -> None:
    """What a person has enrolled, oldest first. The vendor is not asked."""
    user = user_id(who)

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.world.enrolments.of_user(user)
        return {"user": user, "factors": [_document(each) for each in found]}

    say(answer(act), _factors, as_json=as_json)


@app.command()
def remove(who: Who, factor: Which, reason: Needed, yes: Yes = False, as_json: AsJson = False) -> None:
    """Take one factor away, with all of its channels. Where it was the last, the next sign-in leads to enrolment."""
    user, named = user_id(who), read_factor_id(factor)
    wanted = named[1] if named else factor
    confirm(f"Remove this factor of {who}?", yes=yes)

    async def act(operator: Operator) -> dict[str, Any]:
        found = {each.id: each for each in await operator.world.enrolments.of_user(user)}
        if wanted not in found:
            raise CannotDo(f"{who} has no factor {factor}: see `countersign factors list {who}`")
        await operator.forget(found[wanted], reason=reason)
        return {"user": user, "removed": wanted, "left": len(found) - 1}

    say(answer(act, doing="removing it"), _removed, as_json=as_json)


def _document(found: Enrolment) -> dict[str, Any]:
    return {
        "id": found.id,
        "provider": found.provider,
        "name": found.name,
        "last_channel": found.last_channel,
        "last_used_at": found.last_used_at,
    }


def _factors(document: dict[str, Any]) -> Table:
    shown = table("FACTOR", "PROVIDER", "NAME", "LAST USED")
    for each in document["factors"]:
        used = f"{rfc3339(each['last_used_at'])} by {each['last_channel']}" if each["last_used_at"] else "never"
        shown.add_row(each["id"], each["provider"], each["name"], used)
    return shown


def _removed(document: dict[str, Any]) -> str:
    left = document["left"]
    return f"removed {document['removed']}; {f'{left} left' if left else 'the next sign-in leads to enrolment'}"

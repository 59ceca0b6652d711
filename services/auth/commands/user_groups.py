"""`countersign users groups`: which groups a person belongs to. Adds to the group of `users.py`."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from chassis.commands import AsJson, CannotDo, say
from services.auth.commands import showing
from services.auth.commands.operator import Operator, answer
from services.auth.commands.users import Who, app
from services.auth.model.groups import Ungroupable

__all__ = ["app"]
Set = Annotated[list[str] | None, typer.Option("--set", help="These, in place of all; repeatable.")]
Add = Annotated[list[str] | None, typer.Option("--add", help="These, too; repeatable.")]
Remove = Annotated[list[str] | None, typer.Option("--remove", help="These no more; repeatable.")]
NoMore = Annotated[bool, typer.Option("--none", help="None at all.")]


@app.command()
def groups(
    who: Who, put: Set = None, add: Add = None, remove: Remove = None, none: NoMore = False, as_json: AsJson = False
) -> None:
    """Show which groups a person belongs to, or change it.

    Tokens that are out keep the groups they were made with, for minutes; the next refresh has the new ones.
    """
    if sum([put is not None, bool(add or remove), none]) > 1:
        raise typer.BadParameter("--set, --none, or --add and --remove: one way at a time")

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        wanted = set() if none else set(put) if put is not None else (found.groups | set(add or [])) - set(remove or [])
        if wanted != found.groups:
            await _set(operator, found.id, wanted)
        return {"id": found.id, "email": found.email.address, "groups": sorted(wanted)}

    say(answer(act), showing.groups, as_json=as_json)


async def _set(operator: Operator, user_id: str, wanted: Iterable[str]) -> None:
    try:
        await operator.set_groups(user_id, wanted)
    except Ungroupable as unfit:
        raise CannotDo(str(unfit)) from unfit

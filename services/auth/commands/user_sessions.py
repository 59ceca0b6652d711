"""`countersign users sessions|end`: where a person is signed in. Adds to the group of `users.py`."""

from typing import Annotated, Any

import typer

from chassis.commands import AsJson, CannotDo, Yes, confirm, say
from services.auth.commands import showing
from services.auth.commands.operator import Operator, answer, sign_with_our_keys
from services.auth.commands.users import Who, app
from services.auth.model.errors import SessionUnknown
from services.auth.model.session import End, session_id

__all__ = ["app"]
One = Annotated[str | None, typer.Argument(metavar="[SESSION]", help="A session's id; without it, all of them.")]


@app.command()
def sessions(who: Who, as_json: AsJson = False) -> None:
    """Where a person is signed in: newest first."""

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        open_ones = await operator.parts.read_token.sessions_of(found.id)
        return {"id": found.id, "sessions": [showing.session(each) for each in open_ones]}

    say(answer(act), showing.sessions, as_json=as_json)


@app.command()
def end(who: Who, session: One = None, yes: Yes = False, as_json: AsJson = False) -> None:
    """End one session of a person, or all and every login that was begun. Everywhere within a second."""
    confirm(f"End {'this session' if session else 'every session'} of {who}?", yes=yes)

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        if session is None:
            await sign_with_our_keys(operator)
            return showing.shut_out(found, await operator.shut_out.sign_out(found))
        if not await operator.parts.end_sessions.one(found.id, _id(session), End.OPERATOR):
            raise CannotDo(f"{who} has no open session {session}: see `countersign users sessions`")
        return {"id": found.id, "email": found.email.address, "sessions": 1}

    say(answer(act, doing="ending sessions"), showing.ended, as_json=as_json)


def _id(text: str) -> str:
    try:
        return session_id(text)
    except SessionUnknown as unfit:
        raise CannotDo(f"{text} is not a session's id: see `countersign users sessions`") from unfit

"""`countersign users`: people, found, created, shut out and let in again."""

import secrets
import sys
from typing import Annotated, Any

import typer

from chassis.commands import AsJson, CannotDo, Yes, confirm, group, say
from services.auth.commands import showing
from services.auth.commands.operator import Operator, answer, sign_with_our_keys
from services.auth.model.email import parse_email
from services.auth.model.errors import InvalidEmail

Who = Annotated[str, typer.Argument(metavar="EMAIL", help="Their e-mail address, or their id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: it is kept with the record.")]
Needed = Annotated[str, typer.Option("--reason", help="Why, and how you know who asked: kept with the record.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make up a password and show it, this once.")]
Typed = Annotated[bool, typer.Option("--stdin", help="Read the password from stdin, one line.")]
Part = Annotated[str, typer.Option("--like", help="Only addresses that contain this.", show_default=False)]
After = Annotated[str, typer.Option("--after", help="Begin behind this address.", show_default=False)]
Most = Annotated[int, typer.Option("--most", min=1, max=1000, help="So many at once.")]

app = group("People: who may sign in. By e-mail address, or by id as logs name them.")


@app.command("list")
def list_(like: Part = "", after: After = "", most: Most = 100, as_json: AsJson = False) -> None:
    """Everybody with an account, in the order of addresses."""

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.page(like, after, most)
        return {"users": [showing.user(each) for each in found], "more": len(found) == most}

    say(answer(act), showing.users, as_json=as_json)


@app.command()
def show(who: Who, as_json: AsJson = False) -> None:
    """One person, and how many sessions of theirs are open."""

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        open_ones = await operator.parts.read_token.sessions_of(found.id)
        return {**showing.user(found), "sessions": len(open_ones)}

    say(answer(act), showing.person, as_json=as_json)


@app.command()
def create(who: Who, generate: Generate = False, stdin: Typed = False, as_json: AsJson = False) -> None:
    """Open an account. The password is asked for, never an argument: those are seen, and kept in a shell's history.

    It is good for the first sign-in, at which the person sets up their phone and chooses a password of their own.
    """
    _require_address(who)
    chosen = _new_password(generate=generate, typed=stdin)

    async def act(operator: Operator) -> dict[str, Any]:
        made = await operator.create(who, chosen)
        return {**showing.user(made), **({"password": chosen} if generate else {})}

    say(answer(act, doing="hashing the password"), showing.person, as_json=as_json)


@app.command()
def disable(who: Who, reason: Reason = "", yes: Yes = False, as_json: AsJson = False) -> None:
    """Shut a person out: no sign-in, every session ends everywhere within a second, logins that were begun are void."""
    confirm(f"Disable {who}? Everything they are signed in to ends.", yes=yes)

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        await sign_with_our_keys(operator)
        return showing.shut_out(found, await operator.shut_out.disable(found, reason), disabled=True)

    say(answer(act, doing="ending their sessions"), showing.ended, as_json=as_json)


@app.command()
def enable(who: Who, reason: Reason = "", as_json: AsJson = False) -> None:
    """Let a person in again who was disabled. Nothing that had ended comes back: they sign in from the beginning."""

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        await operator.shut_out.enable(found, reason)
        return {"id": found.id, "email": found.email.address, "disabled": False}

    say(answer(act), lambda said: f"{said['email']} may sign in", as_json=as_json)


@app.command("expire-password")
def expire_password(who: Who, reason: Needed, yes: Yes = False, as_json: AsJson = False) -> None:
    """Have a person choose another password at the next sign-in, confirmed with their factor; their sessions end.

    For a password that may be known to somebody else. Nobody but the person chooses the new one.
    """
    _require_reason(reason)
    confirm(f"Expire the password of {who}? Everything they are signed in to ends.", yes=yes)

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        sessions = await operator.expire_password(found, reason.strip())
        return {"id": found.id, "email": found.email.address, "sessions": sessions}

    say(answer(act, doing="ending their sessions"), showing.ended, as_json=as_json)


@app.command("reset-factors")
def reset_factors(who: Who, reason: Needed, yes: Yes = False, as_json: AsJson = False) -> None:
    """Take away every second factor of a person who has lost it; their sessions end.

    It says one code, once: hand it to them, and to nobody else. With it and their password they sign in, and set up
    another phone. Make sure that it is they who ask.
    """
    _require_reason(reason)
    confirm(f"Take away every second factor of {who}?", yes=yes)

    async def act(operator: Operator) -> dict[str, Any]:
        found = await operator.find.require(who)
        await sign_with_our_keys(operator)
        return showing.reset(found, await operator.reset_factors(found, reason.strip()))

    say(answer(act, doing="removing their factors"), showing.factors_reset, as_json=as_json)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise typer.BadParameter("say why: --reason 'ticket 4711, called back on the number in the directory'")


def _new_password(*, generate: bool, typed: bool) -> str:
    if generate and typed:
        raise typer.BadParameter("--generate or --stdin, not both")
    if generate:
        return "-".join(secrets.token_hex(2) for _ in range(6))
    if typed:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CannotDo("nobody can be asked for a password here: pipe it in with --stdin, or use --generate")
    chosen: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return chosen


def _require_address(who: str) -> None:
    # Before anybody types a password twice.
    try:
        parse_email(who)
    except InvalidEmail as unfit:
        raise CannotDo(f"{who} is not an e-mail address we can use") from unfit

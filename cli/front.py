"""The front itself: every group under its name, with its service's settings, or with a word on where it runs."""

import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from chassis.commands import CannotDo
from cli.catalogue import CATALOGUE, DOCTOR, MIGRATE, Entry
from cli.doctor import doctor_command
from cli.installation import MIGRATIONS, Installation
from cli.migrations import migrate_command

HERE, ELSEWHERE = "Commands", "Commands that run elsewhere"
SAYS = """Countersign's command line, for operators.

Answers stand on stdout, as one JSON document with --json; all else is said on stderr.

Exit status: 0 done; 1 refused, or the doctor found something; 2 not understood, or settings are wrong;
3 a store or a service does not answer, try again; 130 stopped.
"""
Rest = Annotated[list[str] | None, typer.Argument(hidden=True)]


def front(installation: Installation) -> typer.Typer:
    """The whole command line over `installation`."""
    app = typer.Typer(help=SAYS, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_nothing)
    for name, entry in CATALOGUE.items():
        _add_group(app, installation, name, entry)
    app.command("doctor", help=DOCTOR, rich_help_panel=HERE)(doctor_command(installation))
    if installation.among((MIGRATIONS,)):
        app.command("migrate", help=MIGRATE, rich_help_panel=HERE)(migrate_command(installation))
    else:
        _add_pointer(app, installation, "migrate", Entry((MIGRATIONS,), MIGRATE))
    return app


def _add_group(app: typer.Typer, installation: Installation, name: str, entry: Entry) -> None:
    match installation.among(entry.of):
        case []:
            _add_pointer(app, installation, name, entry)
        case [service]:
            _mount(app, installation, service, name, as_=name, says=entry.says)
        case several:
            both = _of_each(installation, several, name)
            app.add_typer(both, name=name, help=entry.says, rich_help_panel=HERE)


def _of_each(installation: Installation, services: list[str], name: str) -> typer.Typer:
    """Where several services have the group: each under its name, and the first also without, as in its container."""
    first, *others = services
    both = typer.Typer(no_args_is_help=True)

    def enter(context: typer.Context) -> None:
        if context.invoked_subcommand not in services:
            installation.enter(first)
            elsewhere = ", ".join(f"`countersign {name} {other} ...`" for other in others)
            sys.stderr.write(f"countersign: this is {first}'s; {' and '.join(others)} has its own: {elsewhere}\n")

    both.callback()(enter)
    for service in services:
        _mount(both, installation, service, name, as_=service, says=f"Those of {service}.")
    both.registered_commands += installation.groups(first)[name].registered_commands
    return both


def _mount(app: typer.Typer, installation: Installation, service: str, name: str, *, as_: str, says: str) -> None:
    # Called when a command of the group runs, and not for its help: that needs no settings.
    def enter() -> None:
        installation.enter(service)

    found = installation.groups(service)[name]
    app.add_typer(found, name=as_, help=found.info.help or says, callback=enter, rich_help_panel=HERE, short_help=says)


def _add_pointer(app: typer.Typer, installation: Installation, name: str, entry: Entry) -> None:
    app.command(
        name,
        help=f"{entry.says} Of {' and '.join(entry.of)}.",
        rich_help_panel=ELSEWHERE,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(_pointing(installation, name, entry.of[0]))


def _pointing(installation: Installation, name: str, place: str) -> Callable[..., NoReturn]:
    def point(rest: Rest = None) -> NoReturn:
        raise CannotDo(installation.advice(place, " ".join([name, *(rest or [])])))

    return point


def _nothing() -> None:
    sys.stdout.flush()

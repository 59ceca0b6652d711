"""One line for every fault, and an exit status that scripts can tell apart."""

import os
import sys
from collections.abc import Sequence

import typer

from chassis.commands import CannotDo
from cli.front import front
from cli.installation import Installation

INTERRUPTED = 130
TRACE = "COUNTERSIGN_TRACE"


def run(words: Sequence[str], installation: Installation) -> int:
    """Carries out one command line; answers the exit status."""
    try:
        status = front(installation)(list(words), prog_name="countersign", standalone_mode=False)
    except CannotDo as refused:
        return _say(str(refused), refused.status)
    except typer.TyperException as unclear:
        return _not_understood(unclear)
    except (typer.Abort, KeyboardInterrupt):
        return _say("stopped", INTERRUPTED)
    except Exception as fault:
        # A mistake of ours is one line, too; its trace is had by asking.
        if os.environ.get(TRACE):
            raise
        told = " ".join(f"{type(fault).__name__}: {fault}".split())
        return _say(f"this is a mistake in countersign itself: {told}. {TRACE}=1 shows where", 1)
    return status if isinstance(status, int) else 0


def _not_understood(unclear: typer.TyperException) -> int:
    context = getattr(unclear, "ctx", None)
    said = unclear.format_message()
    # Without a command the help is the message, and it has been shown.
    if not said or "\n" in said:
        sys.stderr.write(said)
        return unclear.exit_code
    path = context.command_path if context else "countersign"
    said = said.rstrip(".")
    return _say(f"{said}{'' if said.endswith('?') else '.'} See: {path} --help", unclear.exit_code)


def _say(said: str, status: int) -> int:
    for line in said.splitlines():
        sys.stderr.write(f"countersign: {line}\n")
    return status

"""`python -m tools.devstack`: starts everything, says where it is, and stops all of it on Ctrl-C."""

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from rich.console import Console

from tools.devstack.claim import DataInUse
from tools.devstack.engines import DataFromAnotherVersion, MigrationFailed
from tools.devstack.stack import Stack, StackFailed, running

LOOK_SECONDS = 0.5


def main() -> int:
    """The command line; exit status 1 says that it did not start or did not last, and why."""
    arguments = _arguments()
    # SIGINT, too: a shell hands it on as ignored to what it starts in the background.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _interrupt)
    console = Console(stderr=True)
    try:
        with (
            console.status("starting") as status,
            running(
                arguments.data,
                port=arguments.port,
                simulator_port=arguments.simulator_port,
                tell=lambda what: status.update(f"starting {what}"),
            ) as stack,
        ):
            status.stop()
            _say_where(stack)
            while True:
                time.sleep(LOOK_SECONDS)
                stack.require_running()
    except KeyboardInterrupt:
        print("stopped")
        return 0
    except (StackFailed, DataInUse, DataFromAnotherVersion, MigrationFailed) as fault:
        print(fault, file=sys.stderr)
    except OSError as fault:
        print(_about_port(fault, arguments), file=sys.stderr)
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.devstack", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="the gateway's port (default 8080)")
    parser.add_argument("--simulator-port", type=int, default=8090, help="the Authy simulator's port (default 8090)")
    parser.add_argument("--data", type=Path, default=Path(".data"), help="kept between runs (default .data)")
    return parser.parse_args()


def _say_where(stack: Stack) -> None:
    print(
        f"sign up, sign in     {stack.url}/",
        f"the simulated phones {stack.simulator_url}/",
        f"behind the gateway   {stack.url}/demo/",
        *(f"metrics of {name:<10}{stack.ports.url(port)}/metrics" for name, port in stack.ports.metrics.items()),
        f"data and logs        {stack.data}",
        f"operate it           {_operate(stack.data)}",
        "Ctrl-C stops all of it",
        f"ready {stack.url}",
        sep="\n",
        flush=True,
    )


def _operate(data: Path) -> str:
    """The command line for this folder, as it is typed where `make up` was."""
    usual = data == Path(".data").resolve()
    return f"{'' if usual else f'DATA={data} '}.venv/bin/countersign doctor"


def _about_port(fault: OSError, arguments: argparse.Namespace) -> str:
    if fault.errno in {48, 98}:  # EADDRINUSE on macOS and Linux
        ports = f"{arguments.port} or {arguments.simulator_port}"
        return f"Port {ports} of 127.0.0.1 is taken. Name others: make up PORT=8081 SIMULATOR_PORT=8091"
    return f"{fault}"


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tools.devstack`: starts everything, says where it is, and stops all of it on Ctrl-C."""

import argparse
import errno
import sys
import time
from pathlib import Path

from rich.console import Console

from tools.devstack.claim import DataInUse
from tools.devstack.engines import DataFromAnotherVersion, MigrationFailed, PostgresFailed
from tools.devstack.signals import interrupted_by_signals
from tools.devstack.stack import Stack, StackFailed, running

LOOK_SECONDS = 0.5


def main() -> int:
    """The command line; exit status 1 says that it did not start or did not last, and why."""
    arguments = _arguments()
    interrupted_by_signals()
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
    except (StackFailed, DataInUse, DataFromAnotherVersion, PostgresFailed, MigrationFailed) as fault:
        print(fault, file=sys.stderr)
    except OSError as fault:
        print(_about(fault, arguments), file=sys.stderr)
    return 1


def _arguments() -> argparse.Namespace:
    # No usage: a mistake is one line, and `make up` is what people type.
    parser = argparse.ArgumentParser(prog="make up", usage=argparse.SUPPRESS, description=__doc__)
    parser.add_argument("--port", type=_port, default=8080, help="the gateway's port (default 8080)")
    parser.add_argument("--simulator-port", type=_port, default=8090, help="the Authy simulator's port (default 8090)")
    parser.add_argument("--data", type=Path, default=Path(".data"), help="kept between runs (default .data)")
    arguments = parser.parse_args()
    if arguments.port == arguments.simulator_port:
        parser.error(f"PORT and SIMULATOR_PORT are both {arguments.port}: two servers need two ports")
    return arguments


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: name one from 1 to 65535")


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


def _about(fault: OSError, arguments: argparse.Namespace) -> str:
    ports = f"{arguments.port} or {arguments.simulator_port}"
    match fault.errno:
        case errno.EADDRINUSE:
            return f"Port {ports} of 127.0.0.1 is taken. Name others: make up PORT=8081 SIMULATOR_PORT=8091"
        case errno.EACCES if fault.filename is None:
            return f"Port {ports} is for root only. Name others, from 1024: make up PORT=8081 SIMULATOR_PORT=8091"
    return f"{arguments.data} cannot be the data folder ({fault}). Name another that you may write to with DATA="


if __name__ == "__main__":
    sys.exit(main())

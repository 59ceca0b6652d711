"""`python -m tools.demo`: exit status 0 only if all of the story happened."""

import argparse
import asyncio
import sys
import tempfile
import time
from http import HTTPStatus
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout
from rich.console import Console

from tools.demo.story import DemoFailed, tell_story
from tools.devstack.engines import DataFromAnotherVersion, MigrationFailed, PostgresFailed
from tools.devstack.signals import interrupted_by_signals
from tools.devstack.stack import StackFailed, running

START_SECONDS = 60.0
READY = ("/readyz", "/.well-known/jwks.json", "/.well-known/approvals/jwks.json")
console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--url", help="a gateway that runs; without it a whole system is started for the demo")
    parser.add_argument(
        "--simulator-url", default="http://127.0.0.1:8090", help="the Authy simulator that goes with --url"
    )
    arguments = parser.parse_args()
    interrupted_by_signals()
    try:
        if arguments.url:
            asyncio.run(_wait_until_ready(arguments.url))
            _tell(arguments.url, arguments.simulator_url)
        else:
            _tell_on_a_fresh_system()
    except (DemoFailed, StackFailed, MigrationFailed, DataFromAnotherVersion, PostgresFailed) as fault:
        print(f"failed: {fault}", file=sys.stderr)
        return 1
    except (ClientError, OSError, asyncio.TimeoutError) as fault:
        asked = f"{arguments.url} or {arguments.simulator_url}" if arguments.url else "the system"
        print(f"failed: {asked} does not answer ({type(fault).__name__}: {fault})", file=sys.stderr)
        return 1
    console.print("[green]all of it happened[/green]")
    return 0


async def _wait_until_ready(url: str) -> None:
    """A system that was just started needs a moment; raises what the last try came to."""
    deadline = time.monotonic() + START_SECONDS
    async with ClientSession(url, timeout=ClientTimeout(total=2)) as http:
        with console.status(f"waiting for {url}"):
            while (fault := await _what_is_not_ready(http)) is not None:
                if time.monotonic() > deadline:
                    raise fault
                await asyncio.sleep(0.5)


async def _what_is_not_ready(http: ClientSession) -> Exception | None:
    """None if the gateway and the issuers behind it answer."""
    try:
        for path in READY:
            async with http.get(path) as answer:
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    return DemoFailed(f"{path} answers {answer.status}: {await answer.text()}")
    except (ClientError, TimeoutError) as fault:
        return fault
    return None


def _tell_on_a_fresh_system() -> None:
    with tempfile.TemporaryDirectory(prefix="countersign-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user when we are root
        with (
            console.status("starting") as status,
            running(Path(folder) / "data", tell=lambda what: status.update(f"starting {what}")) as stack,
        ):
            status.stop()
            _tell(stack.url, stack.simulator_url)


def _tell(url: str, simulator_url: str) -> None:
    started = time.monotonic()

    def tell(step: str, outcome: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:6.2f} s[/dim]  [bold]{step:10}[/bold] {outcome}")

    asyncio.run(tell_story(url, simulator_url, tell))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped")

"""`python -m gateway` serves. What an operator asks about its rules stands behind `countersign policy`."""

import sys

from chassis.process import run
from chassis.settings import load
from gateway.app import build_app
from gateway.model.policy_text import PolicyFault
from gateway.settings import Settings


def main() -> None:
    """Every fault in settings and policy is said at once, then the process ends with status 2."""
    settings = load(Settings)
    try:
        app = build_app(settings)
    except PolicyFault as wrong:
        _refuse(str(settings.policy_file), wrong.faults)
    except OSError as unreadable:
        _refuse(str(settings.policy_file), [unreadable.strerror or "cannot be read"])
    else:
        run(app, settings, "gateway", stops_with_client=True)


def _refuse(path: str, faults: list[str]) -> None:
    print(f"The policy {path} cannot be used:", *faults, sep="\n  ", file=sys.stderr)  # noqa: T201 before logs are set up
    sys.exit(2)


if __name__ == "__main__":
    main()

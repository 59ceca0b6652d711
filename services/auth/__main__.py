"""`python -m services.auth` serves. What an operator asks of it stands behind `countersign`."""

from chassis.process import run
from chassis.settings import load
from services.auth.app import build_app
from services.auth.settings import Settings


def main() -> None:
    """Every fault in the settings is said at once, then the process ends with status 2."""
    settings = load(Settings)
    run(build_app(settings), settings, "auth")


if __name__ == "__main__":
    main()

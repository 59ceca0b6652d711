"""The whole system as processes, for one test module or for all: what it leaves in logs and record is searched."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.secret_scan import require_clean_stack
from tools.devstack.stack import Stack, running


@contextmanager
def whole_system(**settings: str) -> Iterator[Stack]:
    """As `make up` starts it, on stores of its own; `settings` as `ACCESS_TTL="60"`."""
    with tempfile.TemporaryDirectory(prefix="cs-stack-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data", durable=False, settings=settings) as stack:
            yield stack
            require_clean_stack(stack)

"""A PostgreSQL of one's own, with both schemas migrated."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.devstack.engines import Postgres, migrate, start_postgres


@contextmanager
def migrated_postgres() -> Iterator[Postgres]:
    """`.url("auth")` for the runtime role, `.owner_url("auth")` for its owner. It forgets all at the end."""
    with tempfile.TemporaryDirectory(prefix="cs-pg-", ignore_cleanup_errors=True) as folder:
        # PostgreSQL runs as another user where we are root.
        Path(folder).chmod(0o755)
        server = start_postgres(Path(folder) / "data", durable=False)
        try:
            migrate(server)
            yield server
        finally:
            server.stop()

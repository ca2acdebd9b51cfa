"""Draft the next revision from what the models say: ``python -m service.storage.migrations "what changes"``.

Works on an empty database of its own. Read the draft before it is committed: a new tenant table needs
``protect``, large tables need care (expand, fill, switch, contract), a released revision is never changed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from service.domain.clock import SystemClock
from service.storage import embedded, schema
from service.storage.database import open_engine


def draft(message: str) -> None:
    """Write ``versions/<number>_<message>.py``."""
    with TemporaryDirectory(prefix="congvan-") as directory:
        data_dir = Path(directory) / "pg"
        engine = open_engine(embedded.ensure_running(data_dir), pool_connections=1)
        try:
            schema.migrate(engine, SystemClock().now())
            config = schema.alembic_config()
            with engine.connect() as connection:
                config.attributes["connection"] = connection
                number = f"{int(schema.head_revision()) + 1:04d}"
                command.revision(config, message, autogenerate=True, rev_id=number)
        finally:
            engine.dispose()
            embedded.stop(data_dir)


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or "change")

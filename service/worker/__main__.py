"""``python -m service.worker``: run the worker of this deployment until it is stopped."""

from __future__ import annotations

from service.bootstrap import build
from service.config import read_settings
from service.logs import write_logs_as_json
from service.worker.process import Worker


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    write_logs_as_json()
    runtime = build(read_settings())
    try:
        Worker(runtime).run()
    finally:
        runtime.close()


if __name__ == "__main__":
    main()

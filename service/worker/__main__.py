"""``python -m service.worker``: run the worker of this deployment until it is stopped."""

from __future__ import annotations

import gc
import signal
import sys


def main() -> None:
    """Run until SIGTERM or SIGINT; one that comes before there is work to finish ends the process at once."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    gc.disable()  # nothing that loading makes is garbage
    # Loading the house takes a second: the signals must be heeded before.
    from service.bootstrap import build
    from service.config import read_settings
    from service.logs import write_logs_as_json
    from service.worker.process import Worker

    write_logs_as_json()
    runtime = build(read_settings())
    gc.enable()
    try:
        Worker(runtime).run()
    finally:
        runtime.close()


if __name__ == "__main__":
    main()

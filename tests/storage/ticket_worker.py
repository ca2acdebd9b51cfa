"""A worker of its own process that tells which job it took and then never finishes it."""

from __future__ import annotations

import asyncio
import sys
import threading
from uuid import UUID

from service.storage import jobs


def _hang(_agency_id: UUID, _agency_code: str, job_id: UUID) -> None:
    sys.stdout.write(f"{job_id}\n")
    sys.stdout.flush()
    threading.Event().wait()


async def _work(conninfo: str) -> None:
    app = jobs.make_job_app(conninfo, _hang)
    async with app.open_async():
        await app.run_worker_async(**jobs.WORKER_OPTIONS, queues=[jobs.QUEUE_SERVICE_TASKS])


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1]))

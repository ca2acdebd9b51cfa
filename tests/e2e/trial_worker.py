"""The worker of the trial: ``python -m tests.e2e.trial_worker``."""

from __future__ import annotations

from service.bootstrap import build
from service.config import read_settings
from service.logs import write_logs_as_json
from service.worker.process import Worker
from tests.e2e.trial import trial_runtime

if __name__ == "__main__":
    write_logs_as_json()
    Worker(trial_runtime(build(read_settings()))).run()

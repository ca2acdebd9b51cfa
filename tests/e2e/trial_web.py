"""What gunicorn serves in the trial: the application with the trial's handlers."""

from __future__ import annotations

from service.app import create_app
from service.bootstrap import build
from service.config import read_settings
from service.logs import write_logs_as_json
from tests.e2e.trial import trial_runtime

write_logs_as_json()
app = create_app(trial_runtime(build(read_settings())))

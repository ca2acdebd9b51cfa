"""What gunicorn serves."""

import gc

from service.app import create_app
from service.bootstrap import build
from service.config import read_settings
from service.logs import write_logs_as_json

write_logs_as_json()
app = create_app(build(read_settings()))

# What start-up made lives as long as the process: the collector need not look at it for each few requests.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)

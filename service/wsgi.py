"""What gunicorn serves."""

from service.app import create_app
from service.bootstrap import build
from service.config import read_settings
from service.logs import write_logs_as_json

write_logs_as_json()
app = create_app(build(read_settings()))

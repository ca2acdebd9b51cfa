"""Forms of user tasks: JSON Schema 2020-12 with a few ``x-`` hints, checked here, drawn by the server."""

from service.forms.checking import check_form
from service.forms.form import Form, load_form

__all__ = ["Form", "check_form", "load_form"]

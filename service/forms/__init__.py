"""Forms: JSON Schema 2020-12 with a few ``x-`` hints, drawn by the server and checked by one set of rules.

``check_form`` judges a form file at deployment, ``load_form`` prepares it, ``Form`` checks submissions and
chooses what a form shows. docs/forms.md is the reference.
"""

from __future__ import annotations

from service.forms.checking import check_form
from service.forms.drafts import check_draft
from service.forms.form import Form
from service.forms.loading import load_form, read_forms

__all__ = ["Form", "check_draft", "check_form", "load_form", "read_forms"]

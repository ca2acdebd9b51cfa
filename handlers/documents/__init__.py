"""What documents look like: typeset from templates, checked, compared, converted."""

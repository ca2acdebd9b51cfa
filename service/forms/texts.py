"""What people type: composed Unicode (NFC, TCVN 6909:2001), without blanks around it."""

from __future__ import annotations

import unicodedata
from typing import Any


def clean_value(value: Any) -> Any:
    """Return a JSON value with every text in NFC and trimmed; keys and other values stay."""
    if isinstance(value, str):
        return (value if value.isascii() else unicodedata.normalize("NFC", value)).strip()
    if isinstance(value, list):
        return [clean_value(item) for item in value]
    if isinstance(value, dict):
        return {key: clean_value(item) for key, item in value.items()}
    return value

"""The language of an answer: Vietnamese unless the reader asks for English (RFC 9110 section 12.5.4)."""

from __future__ import annotations

from typing import Final, Literal

from flask import has_request_context, request

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


def language_of_request() -> Language:
    """Return the language that the current request prefers, ``vi`` outside a request."""
    if not has_request_context():
        return "vi"
    return "en" if request.accept_languages.best_match(LANGUAGES, default="vi") == "en" else "vi"


def choose(vi: str, en: str) -> str:
    """Return the text in the language of the current request."""
    return en if language_of_request() == "en" else vi

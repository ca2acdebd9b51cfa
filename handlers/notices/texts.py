"""The words of notices in both languages, from ``texts.json``; only the file's own placeholders are filled.

Free text that a person wrote (a note, a reason) has no placeholder: it must not leave the house by mail.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template
from typing import Any, Final, Literal

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
OTHER: Final = "other"
_UNNAMED: Final[Mapping[str, str]] = {"vi": "công việc của bạn", "en": "your work"}
_MOST_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A subject line and a sentence."""

    subject: str
    body: str


def notice_text(kind: str, parameters: Mapping[str, Any], language: str) -> NoticeText:
    """Return what a notice says; a kind without words of its own gets general ones.

    Args:
        kind: of the notice.
        parameters: values of the placeholders; texts are shortened, line ends become spaces.
        language: ``vi`` or ``en``; anything else is ``vi``.
    """
    texts = _texts()
    chosen = "en" if language == "en" else "vi"
    words = texts.get(kind, texts[OTHER])[chosen]
    named = parameters.get("subject") or parameters.get("name") or _UNNAMED[chosen]
    values = {"subject": named, "name": named, "by": "", "count": ""} | dict(parameters)
    plain = {name: " ".join(str(value).split())[:_MOST_CHARACTERS] for name, value in values.items()}
    return NoticeText(*(Template(words[part]).safe_substitute(plain) for part in ("subject", "body")))


def known_kinds() -> frozenset[str]:
    """Return the kinds that have words of their own."""
    return frozenset(_texts()) - {OTHER, "digest", "footer"}


@cache
def _texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = resources.files("handlers.notices").joinpath("texts.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, dict[str, str]]] = json.loads(text)
    return loaded

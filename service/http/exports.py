"""Answers that take data out of the house: each is warned of and recorded, here alone (S1-8.3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from flask import Response, g, request
from werkzeug.http import parse_options_header

from service.actions.exports import CONFIRM_WITH, RULE_EN, RULE_VI, check_export, note_export
from service.http.languages import choose
from service.storage.unit_of_work import UnitOfWork

WARNING_HEADER: Final = "X-Export-Warning"
"""The rule beside the file, in the reader's language, percent-encoded UTF-8 as RFC 8187 writes it."""


def allow_export(unit: UnitOfWork) -> None:
    """Let the view make its file, unless the agency wants the rule confirmed and it was not.

    Raises:
        PreconditionRequired: see :func:`~service.actions.exports.check_export`.
    """
    check_export(unit, is_confirmed=_is_confirmed())


def count_exported(lines: int) -> None:
    """Tell how many lines the file of this request holds; without it, it counts as one file."""
    g.exported = lines


def record_export(unit: UnitOfWork, what: str, answer: Response) -> Response:
    """Warn beside the file and put it on record; an answer that hands nothing out stays as it is."""
    count = g.pop("exported", 1)
    if answer.status_code != HTTPStatus.OK or request.method == "HEAD" or not count:
        return answer
    disposition = parse_options_header(answer.headers.get("Content-Disposition"))[1]
    facts: dict[str, Any] = {
        "count": count,
        "bytes": answer.content_length,
        "file_name": disposition.get("filename", ""),
        "is_confirmed": _is_confirmed(),
    }
    ids = {name: str(value) for name, value in (request.view_args or {}).items()}
    object_id = next((one for one in (request.view_args or {}).values() if isinstance(one, UUID)), None)
    note_export(unit, what, object_id, facts | ids)
    answer.headers[WARNING_HEADER] = f"UTF-8''{quote(choose(RULE_VI, RULE_EN), safe='')}"
    return answer


def _is_confirmed() -> bool:
    return request.headers.get(CONFIRM_WITH, "").strip().lower() == "yes"

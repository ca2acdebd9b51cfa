"""Every error as problem details (RFC 9457): the one table from the error tree to HTTP.

A problem document holds ``type``, ``title``, ``status``, ``detail``, ``code``, ``request_id``, and for bad
input ``errors``, a list of findings with JSON pointers. What an unexpected exception says goes to the log
under the request id, never into an answer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import Flask, Response, g
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from service.domain.errors import CongVanError, Finding
from service.http.json_text import write_json
from service.http.languages import choose, language_of_request
from service.storage.database import unavailable

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 2
_log = logging.getLogger("congvan.problems")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of error looks over HTTP: its status, and a title in both languages."""

    status: int
    vi: str
    en: str


KINDS: Final[dict[str, Kind]] = {
    "malformed": Kind(400, "Không đọc được yêu cầu", "The request cannot be read"),
    "unauthenticated": Kind(401, "Chưa đăng nhập", "Not signed in"),
    "forbidden": Kind(403, "Không được phép", "Not allowed"),
    "not_found": Kind(404, "Không tìm thấy", "Not found"),
    "conflict": Kind(409, "Trạng thái hiện tại không cho phép", "The present state does not allow it"),
    "version_mismatch": Kind(412, "Đã có người thay đổi trước", "Someone has changed it since"),
    "precondition_required": Kind(428, "Cần xác nhận trước", "It must be confirmed first"),
    "too_large": Kind(413, "Quá lớn", "Too large"),
    "unsupported_media": Kind(415, "Loại nội dung không được hỗ trợ", "The media type is not supported"),
    "invalid": Kind(422, "Dữ liệu chưa hợp lệ", "The input is not valid"),
    "policy_refusal": Kind(422, "Quy định không cho phép", "Policy forbids it"),
    "unavailable": Kind(503, "Tạm thời không phục vụ được", "Not available for the moment"),
    "error": Kind(500, "Lỗi hệ thống", "System error"),
}

_HTTP_TEXTS: Final[dict[int, tuple[str, str, str]]] = {
    400: ("request.malformed", "Không đọc được yêu cầu.", "The request cannot be read."),
    404: ("route.unknown", "Không có địa chỉ này.", "There is nothing at this address."),
    405: (
        "route.method",
        "Địa chỉ này không nhận phương thức đó.",
        "This address does not take that method.",
    ),
    413: ("body.too_large", "Nội dung gửi lên quá lớn.", "The body is too large."),
    415: ("body.media_type", "Loại nội dung không được hỗ trợ.", "The media type is not supported."),
    416: ("range.unsatisfiable", "Khoảng byte yêu cầu không có.", "The range of bytes does not exist."),
    431: ("headers.too_large", "Tiêu đề yêu cầu quá lớn.", "The request's headers are too large."),
}
_FAULT: Final = (
    "system.fault",
    "Hệ thống gặp lỗi. Hãy báo quản trị viên mã yêu cầu kèm theo.",
    "The system met a fault. Give the administrator the request id.",
)


def register_problems(app: Flask) -> None:
    """Make every error that leaves ``app`` a problem document."""
    app.register_error_handler(CongVanError, answer_error)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(SQLAlchemyError, answer_database_error)
    app.register_error_handler(Exception, answer_fault)


def answer_error(error: CongVanError) -> Response:
    """Return the problem document of an error of the tree."""
    kind = KINDS[error.kind]
    document = {
        "type": f"urn:congvan:problem:{error.code}",
        "title": choose(kind.vi, kind.en),
        "status": kind.status,
        "detail": choose(error.vi, error.en),
        "code": error.code,
        "request_id": g.get("request_id"),
    }
    if error.findings:
        document["errors"] = [finding_members(finding) for finding in error.findings]
    answer = _answer(kind.status, {**error.extra, **document})
    if "retry_after_seconds" in error.extra:
        answer.headers["Retry-After"] = str(error.extra["retry_after_seconds"])
    return answer


def answer_http_exception(error: HTTPException) -> Response:
    """Return the problem document of an error of routing or of the HTTP layer, its headers kept."""
    status = error.code or 500
    if error.response is not None or status < 400:  # noqa: PLR2004 - a redirect is no error
        return cast("Response", Response.force_type(error.get_response()))
    kind = next((kind for kind in KINDS.values() if kind.status == status), None)
    code, vi, en = _HTTP_TEXTS.get(status, _FAULT if status >= 500 else _HTTP_TEXTS[400])  # noqa: PLR2004
    document = {
        "type": f"urn:congvan:problem:{code}",
        "title": choose(kind.vi, kind.en) if kind else error.name,
        "status": status,
        "detail": choose(vi, en),
        "code": code,
        "request_id": g.get("request_id"),
    }
    answer = _answer(status, document)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return answer


def answer_database_error(error: SQLAlchemyError) -> Response:
    """Return 503 for a fault of the database that passes by itself, 500 for any other."""
    passing = unavailable(error)
    if passing is None:
        return answer_fault(error)
    _log.warning("database unavailable", exc_info=error)
    return answer_error(passing)


def answer_fault(error: Exception) -> Response:
    """Return 500 without a word of the exception; the log keeps it under the request id."""
    _log.error("unexpected fault", exc_info=error)
    return answer_error(CongVanError(*_FAULT))


def finding_members(finding: Finding) -> dict[str, Any]:
    """Return a finding as the members of a JSON object, in the language of the request."""
    members = {
        "code": finding.code,
        "detail": choose(finding.vi, finding.en),
        "pointer": finding.pointer,
        "file": finding.file,
        "element": finding.element,
        "line": finding.line,
        "column": finding.column,
    }
    return {name: value for name, value in members.items() if value is not None}


def _answer(status: int, document: dict[str, Any]) -> Response:
    answer = Response(write_json(document), status=status, content_type=MEDIA_TYPE)
    answer.headers["Content-Language"] = language_of_request()
    if status == KINDS["unavailable"].status:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if status == KINDS["unauthenticated"].status:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer

"""Versions over HTTP (RFC 9110 section 13): ``ETag`` on the way out, ``If-Match`` on the way in."""

from __future__ import annotations

import re
from typing import Final

from flask import request

from service.http.faults import Malformed

_ENTITY_TAG: Final = re.compile(r'"(\d{1,18})"')


def version_seen() -> int | None:
    """Return the version that the caller saw, from ``If-Match``; None = any version will do.

    Raises:
        Malformed: the header is not one strong entity tag that this house gives.
    """
    header = request.headers.get("If-Match", "").strip()
    if header in {"", "*"}:
        return None
    tag = _ENTITY_TAG.fullmatch(header)
    if tag is None:
        raise Malformed(
            "if_match.malformed",
            'Tiêu đề If-Match phải là một phiên bản trong ngoặc kép, ví dụ "3".',
            'If-Match must be one version in double quotes, such as "3".',
        )
    return int(tag[1])


def entity_tag(version: int) -> dict[str, str]:
    """Return the header that names the version of the object in the answer."""
    return {"ETag": f'"{version}"'}

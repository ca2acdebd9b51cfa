"""A register on paper: a cover and the lines, as PDF (NĐ 30/2020 Điều 16, Phụ lục IV)."""

from __future__ import annotations

from handlers.contract import Json
from handlers.documents.typesetting import Typeset, typeset
from handlers.registers.sheet import RegisterSheet

_EMPTY = "Trong kỳ không có văn bản."
_DATELINE = "Ngày …… tháng …… năm ………"


def print_register(sheet: RegisterSheet) -> Typeset:
    """Typeset a register; the same lines give the same bytes.

    Raises:
        TooLarge: more lines than one print can hold.
        Unavailable: no font with Vietnamese letters is installed.
    """
    return typeset("register", _data(sheet), at=sheet.made_at)


def _data(sheet: RegisterSheet) -> Json:
    superior, agency, _, title, book, period, numbers, *footing = sheet.cover()
    return {
        "superior": superior,
        "agency": agency,
        "title": title,
        "book": book,
        "period": period,
        "numbers": numbers,
        "footing": footing,
        "foot": f"{sheet.layout.vi}, {sheet.book}, {period}",
        "headings": [column.vi for column in sheet.layout.columns],
        "widths": [column.width for column in sheet.layout.columns],
        "rows": [{"cells": cells, "notes": notes} for cells, notes in sheet.rows()],
        "empty": _EMPTY,
        "dateline": _DATELINE,
    }

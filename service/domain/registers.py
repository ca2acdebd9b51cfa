"""The registers that clerical work prints and binds: columns and periods (NĐ 30/2020 Đ16, Phụ lục IV).

A register's line is kept when the document is registered. Printing freezes the lines of a range: from then
on a mistake is mended by an addendum under the line, never in it (S1-4.2d4, S3-7.2d4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

RegisterForm = Literal["incoming", "outgoing", "handling"]
"""Sổ đăng ký văn bản đến, sổ đăng ký văn bản đi, sổ theo dõi giải quyết văn bản đến."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a printed register.

    Attributes:
        key: its name in a line.
        vi: its heading, as Phụ lục IV has it.
        en: the same in English.
        width: its share of the page.
    """

    key: str
    vi: str
    en: str
    width: float


@dataclass(frozen=True, slots=True)
class RegisterLayout:
    """A register's title and its columns in order."""

    vi: str
    en: str
    columns: tuple[Column, ...]

    def heading_of(self, key: str) -> str:
        """Return the Vietnamese heading of a column."""
        return next(column.vi for column in self.columns if column.key == key)


_INCOMING: Final = RegisterLayout(
    "Sổ đăng ký văn bản đến",
    "Register of incoming documents",
    (
        Column("arrival_on", "Ngày đến", "Arrived on", 1.1),
        Column("number_text", "Số đến", "Arrival number", 0.8),
        Column("author", "Tác giả", "Author", 2.0),
        Column("code", "Số, ký hiệu văn bản", "Number and symbol", 1.6),
        Column("issued_on", "Ngày tháng văn bản", "Dated", 1.1),
        Column("title", "Tên loại và trích yếu nội dung văn bản", "Type and abstract", 4.2),
        Column("recipient", "Đơn vị hoặc người nhận", "Unit or person", 1.8),
        Column("transferred_on", "Ngày chuyển", "Transferred on", 1.1),
        Column("receipt", "Ký nhận", "Receipt", 1.2),
        Column("note", "Ghi chú", "Note", 1.3),
    ),
)
_OUTGOING: Final = RegisterLayout(
    "Sổ đăng ký văn bản đi",
    "Register of outgoing documents",
    (
        Column("code", "Số, ký hiệu văn bản", "Number and symbol", 1.6),
        Column("issued_on", "Ngày tháng văn bản", "Dated", 1.1),
        Column("title", "Tên loại và trích yếu nội dung văn bản", "Type and abstract", 4.2),
        Column("signer", "Người ký", "Signer", 1.6),
        Column("recipients", "Nơi nhận văn bản", "Recipients", 2.2),
        Column("copy_holder", "Đơn vị, người nhận bản lưu", "Holder of the file copy", 1.5),
        Column("copies", "Số lượng bản", "Copies", 0.8),
        Column("transferred_on", "Ngày chuyển", "Sent on", 1.1),
        Column("receipt", "Ký nhận", "Receipt", 1.2),
        Column("note", "Ghi chú", "Note", 1.3),
    ),
)
_HANDLING: Final = RegisterLayout(
    "Sổ theo dõi giải quyết văn bản đến",
    "Register of the handling of incoming documents",
    (
        Column("number_text", "Số đến", "Arrival number", 0.8),
        Column(
            "source",
            "Tên loại, số, ký hiệu, ngày tháng và tác giả văn bản",
            "Type, number, date, author",
            4.2,
        ),
        Column("recipient", "Đơn vị hoặc người nhận", "Unit or person", 2.2),
        Column("due_on", "Thời hạn giải quyết", "Due", 1.2),
        Column("progress", "Tiến độ giải quyết", "Progress", 2.0),
        Column("reply", "Số, ký hiệu văn bản trả lời", "Replied by", 1.8),
        Column("note", "Ghi chú", "Note", 1.4),
    ),
)
LAYOUTS: Final[Mapping[RegisterForm, RegisterLayout]] = MappingProxyType(
    {"incoming": _INCOMING, "outgoing": _OUTGOING, "handling": _HANDLING},
)
"""Each form with the columns of Phụ lục IV."""

CORRECTABLE: Final = frozenset(
    {
        "author",
        "code",
        "issued_on",
        "type_name",
        "subject",
        "recipient",
        "recipients",
        "signer",
        "copy_holder",
        "copies",
        "transferred_on",
        "receipt",
        "note",
    },
)
"""What a clerk may mend in a line; numbers and dates of registration are never among them."""

LONGEST_RANGE_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class PrintRange:
    """Whole days at the office, both included."""

    from_on: date
    to_on: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.to_on - self.from_on).days + 1

    def label(self) -> str:
        """Return what people call it: a month, a quarter, a year, or the two days."""
        first, last = self.from_on, self.to_on
        if first.day == 1 and (last + timedelta(days=1)).day == 1 and first.year == last.year:
            months = last.month - first.month + 1
            if months == 1:
                return f"Tháng {first.month} năm {first.year}"
            if months == _QUARTER and first.month % _QUARTER == 1:
                return f"Quý {_ROMAN[first.month // _QUARTER]} năm {first.year}"
            if months == _YEAR:
                return f"Năm {first.year}"
        return f"Từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"


_QUARTER: Final = 3
_YEAR: Final = 12
_ROMAN: Final = ("I", "II", "III", "IV")


def month_of(year: int, month: int) -> PrintRange:
    """Return the range of a month."""
    return _months(year, month, 1)


def quarter_of(year: int, quarter: int) -> PrintRange:
    """Return the range of a quarter, 1 to 4."""
    return _months(year, _QUARTER * (quarter - 1) + 1, _QUARTER)


def year_of(year: int) -> PrintRange:
    """Return the range of a calendar year."""
    return _months(year, 1, _YEAR)


def last_complete_month(today: date) -> PrintRange:
    """Return the month before the one that ``today`` is in."""
    before = today.replace(day=1) - timedelta(days=1)
    return month_of(before.year, before.month)


def last_complete_quarter(today: date) -> PrintRange:
    """Return the quarter before the one that ``today`` is in."""
    first = date(today.year, _QUARTER * ((today.month - 1) // _QUARTER) + 1, 1)
    before = first - timedelta(days=1)
    return quarter_of(before.year, (before.month - 1) // _QUARTER + 1)


def forms_of(book: str) -> tuple[RegisterForm, ...]:
    """Return the forms that a book is printed in: arrivals also as the register of their handling."""
    return ("incoming", "handling") if book.startswith("incoming") else ("outgoing",)


def _months(year: int, month: int, count: int) -> PrintRange:
    after = month + count
    last = date(year + (after - 1) // _YEAR, (after - 1) % _YEAR + 1, 1) - timedelta(days=1)
    return PrintRange(date(year, month, 1), last)


assert set(LAYOUTS) == set(get_args(RegisterForm))

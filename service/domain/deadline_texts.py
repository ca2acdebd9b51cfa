"""The words of a deadline's derivation in both languages: days, clock times, spans, what was skipped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from service.domain.calendar import WorkingCalendar

_WEEKDAYS_VI: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day_vi(at: date) -> str:
    """Return ``Thứ Năm 05/03/2026``; an instant stands for its own zone's day."""
    return f"{_WEEKDAYS_VI[at.weekday()]} {at.day:02d}/{at.month:02d}/{at.year}"


def day_en(at: date) -> str:
    """Return ``Thu 05/03/2026``."""
    return f"{_WEEKDAYS_EN[at.weekday()]} {at.day:02d}/{at.month:02d}/{at.year}"


def weekday_vi(number: int) -> str:
    """Return the name of an ISO weekday, Monday = 1."""
    return _WEEKDAYS_VI[number - 1]


def weekday_en(number: int) -> str:
    """Return the English name of an ISO weekday, Monday = 1."""
    return _WEEKDAYS_EN[number - 1]


def clock(at: datetime | time) -> str:
    """Return ``16:50``."""
    return f"{at.hour:02d}:{at.minute:02d}"


def span_vi(span: timedelta) -> str:
    """Return ``1 giờ 30 phút``."""
    return _span(span, "giờ", "phút")


def span_en(span: timedelta) -> str:
    """Return ``1 h 30 min``."""
    return _span(span, "h", "min")


def _span(span: timedelta, hours_word: str, minutes_word: str) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = [f"{hours} {hours_word}"] if hours else []
    parts += [f"{minutes} {minutes_word}"] if minutes or not hours else []
    return " ".join(parts)


def received(start: datetime, calendar: WorkingCalendar) -> tuple[str, str]:
    """Return how a derivation begins: when it came, and whether the office was open."""
    is_open = calendar.is_office_hours(start)
    where_vi = "trong giờ hành chính" if is_open else "ngoài giờ hành chính"
    where_en = "in office hours" if is_open else "out of office hours"
    return (
        f"Nhận {clock(start)} {day_vi(start)}, {where_vi} → ",
        f"Received {clock(start)} {day_en(start)}, {where_en} → ",
    )


def skipped(start: date, end: date, calendar: WorkingCalendar) -> tuple[str, str]:
    """Return the named days off between two days, for the end of a derivation; empty where there are none."""
    days = calendar.days_off(start, end)
    if not days:
        return "", ""
    named = "; ".join(_stretches(days))
    return f"; không tính: {named}", f"; not counted: {named}"


def paused(count: int) -> tuple[str, str]:
    """Return the remark about times when the clock stood still; empty without any."""
    if not count:
        return "", ""
    return f"; đã trừ {count} lần tạm dừng", f"; {count} suspension(s) deducted"


def _stretches(days: Iterable[tuple[date, str]]) -> Iterable[str]:
    for label, group in groupby(days, key=lambda day: day[1]):
        found = [day for day, _ in group]
        first, last = found[0], found[-1]
        text = f"{first.day:02d}/{first.month:02d}"
        yield f"{label} {text}" if first == last else f"{label} {text}–{last.day:02d}/{last.month:02d}"

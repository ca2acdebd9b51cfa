"""Writes ``docs/deadlines.md`` and ``docs/vi/deadlines.md`` from the tables that compute deadlines."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from service.domain.calendar import WorkingCalendar
from service.domain.clock import OFFICE_ZONE
from service.domain.deadline_kinds import KINDS
from service.domain.deadlines import compute_deadline, read_rule
from service.domain.holidays import NOTICES, exceptional_days, official_days
from service.domain.reminders import DEFAULT_LADDER

Language = Literal["vi", "en"]

EXAMPLES: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("2026-03-05T16:50", {"rule": "same_day", "clause": "S0-6.4"}),
    ("2026-03-06T18:10", {"rule": "next_morning", "clause": "S0-6.4"}),
    ("2026-03-09T05:30", {"rule": "next_morning", "clause": "S0-6.4"}),
    ("2026-01-02T09:00", {"rule": "next_morning", "clause": "S0-6.4"}),
    ("2026-01-10T09:00", {"rule": "same_day", "clause": "S0-6.4"}),
    ("2026-02-13T17:30", {"rule": "same_day_or_next_morning", "clause": "S1-6.4 S3-10.4a"}),
    ("2026-03-06T16:00", {"rule": "clock", "hours": 24, "clause": "S0-7.2"}),
    ("2026-03-06T16:00", {"rule": "clock", "hours": 4, "clause": "S0-7.3"}),
    ("2026-03-06T16:00", {"rule": "in_working_day", "clause": "S0-7.4"}),
    ("2026-03-06T14:00", {"rule": "working_days", "days": 1, "clause": "S2-9.2"}),
    ("2026-03-06T16:00", {"rule": "working_hours", "hours": 4}),
    ("2026-03-04T08:00", {"rule": "weekday", "weekday": 5, "at": "09:00", "clause": "S0-13"}),
    ("2026-04-02T08:00", {"rule": "month_day", "day": 25, "clause": "S0-13"}),
    ("2026-03-02T08:00", {"rule": "before_date", "day": 15, "month": 12, "clause": "S4-13a"}),
)
"""Moments in 2026 with the rules that the regulations set for them."""

_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "head": """# Deadlines

Written by `python -m service.domain.deadline_handbook`; a test compares it with the code.

A deadline keeps its rule, its start, the calendar and the clause, and says why it falls
where it falls. A rule is data: a decision table or a diagram gives `{rule, clause, …}`
and FEEL's `deadline(rule, start)` computes it.""",
        "kinds": "## Rules\n\n| rule | members | meaning |\n|---|---|---|",
        "members": """`starts` says when hours begin to run: `at_event` (default), `at_opening` (the next
office hours), `next_day`. `shift` says where a day goes that is a day off: `before` (default),
`after`, `none`. `stops` names the states of the work in which the clock stands.

While a task is paused its clock stands: hours do not run, a working day counts if the
clock ran at its close, a rule of one day begins anew on resuming; a day of the calendar
stays. A clock that a rule's `stops` names stands from the instant at which the document came
into the state until it leaves it; the worker sees to it, and the ledger has both instants.
An extension that is granted while the clock stands lets it go on first, and so does
completing the task. Pauses, extensions
(asked, approved by another person), recomputations and urging stand in the task's ledger
with the old values. A suspended instance that goes on leaves the timers of paused tasks held.

Who has the task may pause it and ask for more time; who watches over it (supervisors, leaders
and the head of the office, the head of the unit, the assigner, and whoever holds an order to
supervise for one of them) decides on extensions and urges (S0-11g4, S1-4.2a, S4-7b): see
`docs/permissions.md`.""",
        "examples": "## Examples\n\nOn the public calendar of 2026, 07:30–11:30 and 13:30–17:00.\n",
        "ladder": "## Reminders\n\nUnless a process sets its own ladder:\n\n| at | to |\n|---|---|",
        "notices": "## Yearly notices\n\n| year | days before Tết | beside 2/9 | swapped → made up | source |"
        "\n|---|---|---|---|---|",
        "daily": "the opening of each working day once late",
    },
    "vi": {
        "head": """# Thời hạn

Do `python -m service.domain.deadline_handbook` viết ra; có kiểm thử so với mã nguồn.

Mỗi thời hạn giữ quy tắc, thời điểm bắt đầu, lịch làm việc và điều khoản, và tự giải
thích. Quy tắc là dữ liệu: bảng quyết định hoặc sơ đồ cho `{rule, clause, …}`, hàm FEEL
`deadline(rule, start)` tính ra thời hạn.""",
        "kinds": "## Quy tắc\n\n| rule | tham số | ý nghĩa |\n|---|---|---|",
        "members": """`starts`: giờ bắt đầu tính từ lúc nào: `at_event` (mặc định), `at_opening` (khi cơ
quan mở cửa), `next_day` (0 giờ ngày hôm sau). `shift`: ngày nghỉ thì dời `before` (mặc định),
`after`, hoặc `none`. `stops`: các trạng thái mà thời hạn tạm dừng.

Khi việc tạm dừng, giờ không chạy; ngày làm việc chỉ được tính nếu lúc hết giờ thời hạn
đang chạy; quy tắc trong một ngày tính lại từ lúc tiếp tục; ngày ấn định không đổi. Thời hạn
có `stops` dừng từ lúc văn bản vào trạng thái ấy đến lúc rời đi. Duyệt gia hạn khi đang tạm
dừng thì thời hạn chạy tiếp trước. Tạm dừng, gia hạn (người khác duyệt), tính lại, đôn đốc
đều ghi vào sổ của việc, giữ giá trị cũ.

Người đang giữ việc được tạm dừng và xin gia hạn; người theo dõi việc (giám sát, lãnh đạo cơ
quan, Chánh Văn phòng, trưởng đơn vị, người giao việc, người được họ ủy quyền giám sát) duyệt
gia hạn và đôn đốc (S0-11g4, S1-4.2a, S4-7b).""",
        "examples": "## Ví dụ\n\nTheo lịch nghỉ năm 2026, giờ làm việc 07:30–11:30 và 13:30–17:00.\n",
        "ladder": "## Nhắc việc\n\nKhi quy trình không đặt bậc nhắc riêng:\n\n| lúc | cho |\n|---|---|",
        "notices": "## Thông báo nghỉ hằng năm\n\n"
        "| năm | ngày trước Tết | cạnh 2/9 | nghỉ → làm bù | căn cứ |"
        "\n|---|---|---|---|---|",
        "daily": "đầu giờ mỗi ngày làm việc khi đã quá hạn",
    },
}
_PARTIES: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"assignee": "who has the task", "head": "the head"},
    "vi": {"assignee": "người đang giữ việc", "head": "người đứng đầu"},
}


def render(language: Language) -> str:
    """Return the whole page in a language."""
    texts = _TEXTS[language]
    parts = [
        texts["head"],
        "\n".join([texts["kinds"], *_kinds(language)]),
        texts["members"],
        "\n".join([texts["examples"], *_examples(language)]),
        "\n".join([texts["ladder"], *_ladder(language)]),
        "\n".join([texts["notices"], *_notices()]),
    ]
    return "\n\n".join(parts) + "\n"


def _kinds(language: Language) -> Iterator[str]:
    for name, kind in KINDS.items():
        meaning = kind.vi if language == "vi" else kind.en
        yield f"| `{name}` | {kind.parameters or '–'} | {meaning} |"


def _examples(language: Language) -> Iterator[str]:
    calendar = WorkingCalendar(exceptions=exceptional_days(official_days(2026, WorkingCalendar())))
    for start, rule in EXAMPLES:
        at = datetime.fromisoformat(start).replace(tzinfo=OFFICE_ZONE)
        found = compute_deadline(read_rule(rule), at, calendar)
        yield f"- {found.derivation_vi if language == 'vi' else found.derivation_en}"


def _ladder(language: Language) -> Iterator[str]:
    for rung in DEFAULT_LADDER:
        at = _TEXTS[language]["daily"] if rung.share is None else f"{rung.share:.0%}"
        yield f"| {at} | {', '.join(_PARTIES[language][party] for party in rung.to)} |"


def _notices() -> Iterator[str]:
    for year, notice in NOTICES.items():
        beside = "1/9" if notice.beside_national_day == "before" else "3/9"
        swaps = ", ".join(f"{free:%d/%m} → {worked:%d/%m}" for free, worked in notice.swaps) or "–"
        yield f"| {year} | {notice.tet_days_before} | {beside} | {swaps} | {notice.source} |"


if __name__ == "__main__":
    sys.stdout.write(render("vi" if sys.argv[1:] == ["vi"] else "en"))

"""The life of an assignment (nhiệm vụ): states, verbs, and what is written of each step (flow D4; S0-11).

An assignment given in the software is an official direction (S0-11g2), so that nothing of it is changed
silently: each verb leaves an entry with who, when and in which words. "Overdue" is a flag, not a state.
The table :data:`TRANSITIONS` is the law; ``docs/assignments.md`` draws it and a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, get_args

from service.domain.errors import Conflict

AssignmentState = Literal[
    "given", "accepted", "in_progress", "waiting", "reported", "completed", "returned", "cancelled"
]
AssignmentVerb = Literal[
    "give",
    "ask",
    "answer",
    "accept",
    "decline",
    "insist",
    "amend",
    "progress",
    "wait",
    "resume",
    "split",
    "report",
    "redo",
    "confirm",
    "cancel",
    "note",
    "urge",
    "overdue",
]
AssignmentPart = Literal["assigner", "monitor", "lead", "handler", "coordinator"]

STATE_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "given": ("Mới giao", "Given"),
    "accepted": ("Đã nhận", "Accepted"),
    "in_progress": ("Đang thực hiện", "In progress"),
    "waiting": ("Chờ", "Waiting"),
    "reported": ("Chờ xác nhận", "Awaiting confirmation"),
    "completed": ("Hoàn thành", "Completed"),
    "returned": ("Trả lại", "Returned"),
    "cancelled": ("Đã hủy", "Cancelled"),
}
VERB_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "give": ("Giao nhiệm vụ", "Given"),
    "ask": ("Đề nghị làm rõ", "Asked to clarify"),
    "answer": ("Làm rõ", "Clarified"),
    "accept": ("Nhận nhiệm vụ", "Accepted"),
    "decline": ("Trả lại, không đúng thẩm quyền", "Declined as not competent"),
    "insist": ("Giữ nguyên việc giao", "Kept as given"),
    "amend": ("Điều chỉnh", "Amended"),
    "progress": ("Cập nhật tiến độ", "Progress"),
    "wait": ("Chuyển trạng thái chờ", "Waits"),
    "resume": ("Tiếp tục thực hiện", "Resumed"),
    "split": ("Chia thành nhiệm vụ nhỏ", "Split into parts"),
    "report": ("Báo cáo kết quả", "Result reported"),
    "redo": ("Yêu cầu làm lại", "To be done again"),
    "confirm": ("Xác nhận hoàn thành", "Result accepted"),
    "cancel": ("Hủy nhiệm vụ", "Cancelled"),
    "note": ("Ý kiến phối hợp, ghi chú", "Note"),
    "urge": ("Đôn đốc", "Urged"),
    "overdue": ("Quá hạn", "Overdue"),
}
PART_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "assigner": ("Người giao", "Assigner"),
    "monitor": ("Người theo dõi", "Monitor"),
    "lead": ("Chủ trì thực hiện", "Lead"),
    "handler": ("Người trực tiếp thực hiện", "Handler"),
    "coordinator": ("Phối hợp", "Coordinator"),
}
OPEN_STATES: Final = frozenset({"given", "accepted", "in_progress", "waiting", "reported", "returned"})
AT_WORK: Final = frozenset({"accepted", "in_progress"})

TRANSITIONS: Final[Mapping[tuple[str, str], str]] = {
    ("given", "ask"): "given",
    ("given", "answer"): "given",
    ("given", "accept"): "accepted",
    ("given", "decline"): "returned",
    ("returned", "insist"): "given",
    ("returned", "give"): "given",
    ("accepted", "progress"): "in_progress",
    ("in_progress", "progress"): "in_progress",
    ("accepted", "wait"): "waiting",
    ("in_progress", "wait"): "waiting",
    ("waiting", "resume"): "in_progress",
    ("accepted", "split"): "in_progress",
    ("in_progress", "split"): "in_progress",
    ("accepted", "report"): "reported",
    ("in_progress", "report"): "reported",
    ("reported", "redo"): "in_progress",
    ("reported", "confirm"): "completed",
    **{(state, "cancel"): "cancelled" for state in sorted(OPEN_STATES)},
    **{
        (state, verb): state for state in sorted(OPEN_STATES) for verb in ("amend", "note", "urge", "overdue")
    },
}
"""(state, verb) → next state; a pair that is absent is refused."""

MAX_PARTS: Final = 50
"""How many parts one assignment may be split into, and how many coordinators it may have."""


def next_state(state: str, verb: str) -> str:
    """Return the state after a verb.

    Raises:
        Conflict: ``assignment.state``; the verb is not for an assignment in this state.
    """
    found = TRANSITIONS.get((state, verb))
    if found is None:
        named, wanted = STATE_NAMES[state], VERB_NAMES[verb]
        raise Conflict(
            "assignment.state",
            f"Nhiệm vụ đang ở trạng thái “{named[0]}”, không thể: {wanted[0].lower()}.",
            f"The assignment is in the state “{named[1]}”; it cannot be: {wanted[1].lower()}.",
            extra={"state": state, "verb": verb},
        )
    return found


def is_late(due_at: datetime | None, done_at: datetime) -> bool:
    """Say whether a result that was reported at ``done_at`` came after the deadline (S0-11g5).

    The assignee answers for the day of the report, not for the day on which the assigner confirms it.
    """
    return due_at is not None and done_at > due_at


def is_overdue(state: str, due_at: datetime | None, reported_at: datetime | None, now: datetime) -> bool:
    """Say whether open work is past its deadline; what awaits confirmation, by when it was reported."""
    if due_at is None or state not in OPEN_STATES:
        return False
    return ((reported_at or now) if state == "reported" else now) > due_at


def share_of(percents: list[int]) -> int:
    """Return the progress of a whole from that of its parts, in percent, rounded down; nothing done = 0."""
    return sum(percents) // len(percents) if percents else 0


assert set(get_args(AssignmentState)) == set(STATE_NAMES)
assert set(get_args(AssignmentVerb)) == set(VERB_NAMES)
assert set(get_args(AssignmentPart)) == set(PART_NAMES)

"""Words of a submission slip (phiếu trình): its states, its results, and what people may say on it (D3).

A slip has no official number; it counts how often it was submitted (lần trình). Opinions on it are as good as
on paper (S0-3.3), so that nothing said is ever changed: a later word stands beside the earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, get_args

SlipState = Literal["submitted", "returned", "decided"]
SlipResult = Literal["agree", "agree_changed", "refuse", "meeting", "withdrawn", "dropped", "overtaken"]
SlipMode = Literal["sequential", "parallel", "ad_hoc"]
SlipFollowUp = Literal["end", "outgoing", "task"]

STATE_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "submitted": ("Đang trình", "Submitted"),
    "returned": ("Trả lại để bổ sung", "Returned for more"),
    "decided": ("Đã có kết quả", "Decided"),
}
RESULT_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "agree": ("Đồng ý", "Agreed"),
    "agree_changed": ("Đồng ý nội dung khác", "Agreed with changes"),
    "refuse": ("Không đồng ý", "Refused"),
    "meeting": ("Để lại, đưa ra họp bàn", "Put to a meeting"),
    "withdrawn": ("Người trình đã rút", "Withdrawn by the submitter"),
    "dropped": ("Người trình thôi trình", "Given up by the submitter"),
    "overtaken": ("Văn bản trình đã bị thu hồi", "The document was recalled"),
}
MODE_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "sequential": ("Lần lượt từng người", "One after the other"),
    "parallel": ("Đồng thời", "At the same time"),
    "ad_hoc": ("Chọn người xử lý kế tiếp", "Next handler chosen on the way"),
}
FOLLOW_UP_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "end": ("Kết thúc", "Ends there"),
    "outgoing": ("Soạn văn bản đi", "An outgoing document is drafted"),
    "task": ("Giao nhiệm vụ", "An assignment is given"),
}
FOLLOWED_RESULTS: Final = frozenset({"agree", "agree_changed"})
"""Results after which comes what the slip announced."""

STEP_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "submitter": ("Người trình", "Submitter"),
    "head": ("Trưởng đơn vị", "Head of unit"),
    "consulted": ("Đơn vị được hỏi ý kiến", "Consulted unit"),
    "aide": ("Người giúp việc lãnh đạo", "Leader's aide"),
    "leader": ("Lãnh đạo", "Leader"),
}
VIEW_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "agree": ("Đồng ý", "Agrees"),
    "agree_with_comment": ("Đồng ý, có ý kiến", "Agrees, with comment"),
    "agree_changed": ("Đồng ý nội dung khác", "Agrees with changes"),
    "disagree": ("Không đồng ý", "Disagrees"),
    "no_comment": ("Không có ý kiến", "No comment"),
    "return": ("Trả lại", "Returned"),
    "forward": ("Đã kiểm tra, chuyển trình", "Checked and forwarded"),
    "go_on": ("Tiếp thu, tiếp tục trình", "Considered, goes on"),
    "revise": ("Tiếp thu, trình lại", "Considered, submits anew"),
    "ask_more": ("Yêu cầu bổ sung", "Asks for more"),
    "pass_on": ("Chuyển lãnh đạo khác", "Passed on"),
    "refuse": ("Không đồng ý", "Refuses"),
    "meeting": ("Để lại, đưa ra họp bàn", "To a meeting"),
    "silent": ("Hết hạn, không có ý kiến", "No opinion in time"),
    "late": ("Quá hạn", "Overdue"),
    "drop": ("Thôi trình", "Gives it up"),
    "withdraw": ("Rút phiếu trình", "Withdraws it"),
}
ENDING_VIEWS: Final = frozenset({"ask_more", "refuse", "meeting"})
"""What a leader says that no other leader's word can outweigh: nobody else is asked after it."""

CONTENT_FIELDS: Final = (
    "kind",
    "summary",
    "legal_basis",
    "options",
    "recommendation",
    "references",
    "due_on",
    "answers_return",
)
"""The words of a submission that are kept with the slip, beside the matter."""


def chains_of(mode: str, leaders: Sequence[str]) -> list[list[str]]:
    """Return who is asked after whom: each chain runs at the same time as the others.

    Args:
        mode: sequential, parallel or ad_hoc; the chain of ad_hoc grows as each names the next.
        leaders: logins, in order.
    """
    if mode == "parallel":
        return [[one] for one in leaders]
    if mode == "ad_hoc":
        return [list(leaders[:1])]
    return [list(leaders)]


def content_of(submission: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of a submission that are kept with its slip; what is absent is left out."""
    return {name: submission[name] for name in CONTENT_FIELDS if submission.get(name) is not None}


def follow_up_of(content: Mapping[str, Any]) -> SlipFollowUp:
    """Return what a slip's agreement leads to; a slip that says nothing of it ends there."""
    told = content.get("follow_up")
    if told == "outgoing":
        return "outgoing"
    return "task" if told == "task" else "end"


assert set(get_args(SlipState)) == set(STATE_NAMES)
assert set(get_args(SlipResult)) == set(RESULT_NAMES)
assert set(get_args(SlipMode)) == set(MODE_NAMES)
assert set(get_args(SlipFollowUp)) == set(FOLLOW_UP_NAMES)

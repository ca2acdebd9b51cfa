"""A desk at which matters are put to leaders: slips are prepared, passed on, decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.actions import slips
from service.storage.models import SlipOpinion, SubmissionSlip, table_of
from tests.processes.desk import AIDE, COLLEAGUE, LEADER, OTHER_HEAD, SPECIALIST, UNIT_HEAD, Desk

SLIP = table_of(SubmissionSlip)
OPINION = table_of(SlipOpinion)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SECOND_LEADER = "phochanhvp"

SUBMISSION: dict[str, Any] = {
    "action": "submit",
    "kind": "ask_approval",
    "matter": "Chủ trương mua sắm thiết bị họp trực tuyến",
    "summary": "Thiết bị hiện có đã hỏng",
    "legal_basis": "Quy chế chi tiêu nội bộ",
    "recommendation": "Đồng ý chủ trương mua sắm",
    "leaders": [LEADER],
    "mode": "sequential",
    "urgency": "normal",
    "is_attested": True,
}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of March 2026 at the office."""
    return datetime(2026, 3, day, hour, minute, tzinfo=HANOI)


@dataclass
class SlipDesk(Desk):
    """A desk whose process is the approval by slip."""

    def begin(self, login: str = SPECIALIST, **variables: Any) -> UUID:
        """Start an approval."""
        self.instance_id = self.start("approval", variables, login)
        return self.instance_id

    def submit(self, login: str = SPECIALIST, **changes: Any) -> None:
        """Fill the slip in and submit it."""
        self.finish("prepare_slip", SUBMISSION | changes, login)

    def opened(self, **changes: Any) -> None:
        """Start an approval and submit its slip."""
        self.begin()
        self.submit(**changes)

    def to_aide(self, **changes: Any) -> None:
        """Up to the aide's check."""
        self.opened(**changes)
        self.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)

    def to_leader(self, **changes: Any) -> None:
        """Up to the leaders' decision."""
        self.to_aide(**changes)
        self.finish("check_slip", {"decision": "forward"}, AIDE)

    def decide(self, decision: str = "agree", login: str = LEADER, **more: Any) -> None:
        """Let a leader decide; where several have a task, the leader's own is taken."""
        behalf = more.pop("on_behalf_of", None)
        mine = f"user:{behalf or login}"
        (task,) = [
            one
            for one in self.tasks(self.instance_id)
            if one.element_id == "give_decision" and one.owners == (mine,)
        ]
        self.do(login, self.completion(task.id, {"decision": decision} | more, behalf))
        self.run_jobs()

    def give_opinion(self, login: str, opinion: Mapping[str, Any]) -> None:
        """Let a consulted unit's head give the opinion that is asked of that unit."""
        (task,) = [
            one for one in self.tasks(self.instance_id, login) if one.element_id == "give_slip_opinion"
        ]
        self.do(login, self.completion(task.id, opinion))
        self.run_jobs()

    def slip(self) -> Any:
        """Return the row of the instance's slip."""
        (row,) = self.rows(SLIP, SLIP.c.instance_id == self.instance_id)
        return row

    def opinions(self, step: str | None = None) -> list[Any]:
        """Return the opinions on the slip in their order."""
        rows = self.rows(OPINION, OPINION.c.slip_id == self.slip().id)
        return sorted((one for one in rows if step in {None, one.step}), key=lambda one: one.ordinal)

    def views(self, step: str | None = None) -> list[str]:
        """Return what was chosen, in order."""
        return [one.view for one in self.opinions(step)]

    def withdraw(self, login: str = SPECIALIST, reason: str = "Cần sửa lại") -> None:
        """Withdraw the slip."""
        slip_id = self.slip().id
        self.do(login, lambda unit: slips.withdraw(self.engine, unit, slip_id, reason))


__all__ = ["AIDE", "COLLEAGUE", "LEADER", "OTHER_HEAD", "SPECIALIST", "SUBMISSION", "UNIT_HEAD", "SlipDesk"]

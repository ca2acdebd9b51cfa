"""One real row of each table of an agency, so that any route can be asked for something that exists.

A new table gets its row by itself: required columns are filled by their type, references point to the row of the
table that they name, and whatever belongs to a person belongs to :data:`KEEPER`. A column whose values are
limited needs a line in :data:`VALUES`, an empty reference that matters one in :data:`LINKED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Connection, insert
from sqlalchemy.dialects.postgresql import JSONB

from service.domain.clock import Clock
from service.domain.ids import new_id
from service.storage.models import Base
from tests.factories import Office

KEEPER = "cv.tonghop1"
"""Whose things they are."""

VALUES: dict[str, Any] = {
    "assignment.products": [],
    "assignment.state": "in_progress",
    "assignment_party.part": "lead",
    "assignment_party.reference": f"user:{KEEPER}",
    "calendar_season.week": {"1": [["07:30", "11:30"]]},
    "access_request.approvals": [],
    "delivery.state": "sent",
    "document_signature.act": "leader",
    "document.secrecy": "none",
    "document.trace": [],
    "document.direction": "outgoing",
    "draft.origin": "typed",
    "draft_cosigner.ordinal": 2,
    "delegation_order.authorities": ["assign"],
    "delegation_order.allows_onward": False,
    "login_session.carrier": "bearer",
    "membership.role": "specialist",
    "document_share.may_download": True,
    "permission_change.kind": "membership.grant",
    "process_instance.state": "active",
    "register_print.lines": [],
    "registry_entry.state": "registered",
    "reminder_ladder.rungs": [],
    "signing_key.chain": [],
    "slip_opinion.view": "agree",
    "task_reminder.sent": [],
    "user_task.authority": "assign",
    "user_task.owners": [f"user:{KEEPER}"],
    "user_task.state": "reserved",
}
"""``table.column`` → its value, where not any value will do."""

LINKED = frozenset(
    {
        "access_grant.document_id",
        "assignment_party.account_id",
        "document.created_by_id",
        "document.instance_id",
        "process_instance.initiator_id",
        "signing_key.account_id",
        "task_note.task_id",
        "user_task.owner_id",
    },
)
"""References that may be empty and are filled all the same."""

LEFT_OUT = frozenset({"account", "agency", "audit_event", "membership"})
"""Tables of which the office has rows already, or whose rows nobody names."""


@dataclass(frozen=True)
class RealRows:
    """What the rows are called: ``table.column`` → the value in the table's row."""

    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def add_real_rows(owner: Connection, office: Office, clock: Clock) -> RealRows:
    """Write one row of each tenant table, in the order in which they refer to each other."""
    made: dict[str, Any] = {
        "agency.id": office.agency_id,
        "account.id": office.accounts[KEEPER],
        "account.login": KEEPER,
        "unit.id": office.units["tong_hop"],
    }
    for table in Base.metadata.sorted_tables:
        if "agency_id" in table.c and table.name not in LEFT_OUT:
            row = {column.name: _value(column, made, clock) for column in table.c if _is_given(column)}
            row["agency_id"] = office.agency_id
            owner.execute(insert(table), row)
            made |= {f"{table.name}.{name}": value for name, value in row.items()}
    return RealRows(made)


def _is_given(column: Column[Any]) -> bool:
    name = f"{column.table.name}.{column.name}"
    return (
        name in VALUES
        or name in LINKED
        or not (column.nullable or column.identity is not None or column.computed is not None)
    )


def _value(column: Column[Any], made: dict[str, Any], clock: Clock) -> Any:
    name = f"{column.table.name}.{column.name}"
    if name in VALUES:
        return VALUES[name]
    for key in column.foreign_keys:
        target = f"{key.column.table.name}.{key.column.name}"
        if target in made:
            return made[target]
    if isinstance(column.type, JSONB):
        return {}
    if isinstance(column.type, ARRAY):
        return []
    return _plain(column, clock)


def _plain(column: Column[Any], clock: Clock) -> Any:
    is_end = column.name in {
        "until_at",
        "expires_at",
        "to_on",
        "last_on",
        "not_after",
        "due_at",
        "guest_until",
    }
    now = clock.now() + timedelta(days=is_end)
    kinds: dict[type, Any] = {
        UUID: new_id(now),
        bool: False,
        int: 1,
        bytes: f"real {column.table.name}".encode(),
        datetime: now,
        date: now.date(),
        time: now.time(),
        str: f"real_{column.table.name}"[: getattr(column.type, "length", None) or 40],
    }
    return kinds[column.type.python_type]

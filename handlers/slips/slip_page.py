"""A slip as people read it: names instead of references, times of the office, every opinion in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from handlers.contract import Json
from handlers.slips.slip_row import OPINION
from service.domain.clock import OFFICE_ZONE
from service.domain.permissions import ROLES
from service.domain.slips import MODE_NAMES, RESULT_NAMES, STEP_NAMES, VIEW_NAMES
from service.storage.models import Account, Agency, Document, TaskConfirmation, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_AGENCY = table_of(Agency)
_CONFIRMATION = table_of(TaskConfirmation)
_DOCUMENT = table_of(Document)
_UNIT = table_of(Unit)

_KIND_NAMES = {
    "ask_approval": "Trình xin ý kiến, phê duyệt",
    "ask_opinion": "Trình lấy ý kiến",
    "for_signature": "Trình ký văn bản",
}
_SHOWN = 20
_SHOWN_CHARACTERS = 200
_SECTIONS = (
    ("summary", "Tóm tắt nội dung"),
    ("legal_basis", "Căn cứ"),
    ("options", "Các phương án"),
    ("recommendation", "Đề xuất, kiến nghị"),
    ("references", "Tài liệu liên quan (không ban hành)"),
    ("answers_return", "Giải trình nội dung bổ sung"),
    ("follow_up_name", "Sau khi được đồng ý"),
)


def opinions_of(unit: UnitOfWork, slip_id: UUID) -> list[Row[Any]]:
    """Return a slip's opinions in their order, with logins, names and positions of those who gave them."""
    giver, principal = _ACCOUNT.alias("giver"), _ACCOUNT.alias("principal")
    statement = (
        select(
            OPINION,
            giver.c.login.label("given_by"),
            giver.c.full_name.label("given_by_name"),
            giver.c.position.label("given_by_position"),
            principal.c.login.label("on_behalf_of"),
            principal.c.full_name.label("on_behalf_of_name"),
            principal.c.position.label("on_behalf_of_position"),
            _CONFIRMATION.c.outcome.label("leader_outcome"),
            _CONFIRMATION.c.words.label("leader_words"),
        )
        .outerjoin(giver, giver.c.id == OPINION.c.given_by_id)
        .outerjoin(principal, principal.c.id == OPINION.c.on_behalf_of_id)
        .outerjoin(_CONFIRMATION, _CONFIRMATION.c.task_id == OPINION.c.task_id)
        .where(OPINION.c.slip_id == slip_id)
        .order_by(OPINION.c.ordinal)
    )
    return list(unit.session.execute(statement))


def short_opinions(unit: UnitOfWork, slip_id: UUID) -> list[Json]:
    """Return the newest opinions with their beginnings, as a form shows them; the slip itself holds all."""
    rows = opinions_of(unit, slip_id)[-_SHOWN:]
    names = names_of(unit, [one.asked for one in rows])
    shown = ("step", "by", "entered_by", "view", "words", "at", "submission_number")
    opinions = [_opinion(one, names) for one in rows]
    return [
        {name: opinion[name] for name in shown} | {"words": shorten(opinion["words"], _SHOWN_CHARACTERS)}
        for opinion in opinions
    ]


def shorten(text: str, limit: int) -> str:
    """Return a text, cut where it is longer than ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def page_data(unit: UnitOfWork, slip: Row[Any]) -> Json:
    """Return what the template ``slip`` draws: every submission, every opinion, both names, the times."""
    opinions = opinions_of(unit, slip.id)
    names = names_of(unit, [*(one.asked for one in opinions), *(f"user:{login}" for login in slip.leaders)])
    agency = unit.session.execute(select(_AGENCY.c.name, _AGENCY.c.side)).one()
    submitter = unit.session.execute(
        select(_ACCOUNT.c.full_name, _ACCOUNT.c.position).where(_ACCOUNT.c.id == slip.submitter_id)
    ).one()
    return {
        "agency": agency.name,
        "is_party": agency.side == "party",
        "unit": _unit_name(unit, slip.unit_id),
        "kind": _KIND_NAMES.get(slip.content.get("kind", ""), "Phiếu trình"),
        "submission_number": slip.submission_number,
        "to": [names[f"user:{login}"] for login in slip.leaders],
        "mode": MODE_NAMES[slip.mode][0],
        "matter": slip.matter,
        "document": _document_title(unit, slip.document_id),
        "sections": [
            {"title": title, "text": slip.content[name]}
            for name, title in _SECTIONS
            if slip.content.get(name)
        ],
        "earlier": [_earlier(one) for one in slip.earlier],
        "submitter": submitter.full_name,
        "submitter_position": submitter.position,
        "submitted_at": office_time(slip.submitted_at),
        "opinions": [_opinion(one, names) for one in opinions],
        "result": RESULT_NAMES[slip.result][0] if slip.result else "",
        "decided_at": office_time(slip.decided_at) if slip.decided_at else "",
        "id": str(slip.id),
    }


def names_of(unit: UnitOfWork, references: Iterable[str]) -> Mapping[str, str]:
    """Return how people call those whom owner references name; an unknown reference stands for itself."""
    wanted = set(references)
    logins = [one.removeprefix("user:") for one in wanted if one.startswith("user:")]
    codes = [one.rpartition("unit:")[2] for one in wanted if "unit:" in one]
    people = unit.session.execute(select(_ACCOUNT).where(_ACCOUNT.c.login.in_(logins))).all()
    units = unit.session.execute(select(_UNIT.c.code, _UNIT.c.name).where(_UNIT.c.code.in_(codes))).all()
    unit_names = {row.code: row.name for row in units}
    found = {f"user:{row.login}": f"{row.full_name}, {row.position}" for row in people}
    return {one: found.get(one) or _place_name(one, unit_names) for one in wanted}


def _place_name(reference: str, unit_names: Mapping[str, str]) -> str:
    role, _, code = reference.removeprefix("role:").partition("@unit:")
    code = code or reference.removeprefix("unit:")
    place = unit_names.get(code)
    if role in ROLES:
        return f"{ROLES[role][0]} – {place}" if place else ROLES[role][0]
    return place or reference


def office_time(at: datetime) -> str:
    """Return an instant as the office writes it: ``08:05 02/3/2026``."""
    local = at.astimezone(OFFICE_ZONE)
    return f"{local:%H:%M} {local.day:02d}/{local.month}/{local.year}"


def _opinion(row: Row[Any], names: Mapping[str, str]) -> Json:
    by = f"{row.given_by_name}, {row.given_by_position}" if row.given_by_name else ""
    principal = f"{row.on_behalf_of_name}, {row.on_behalf_of_position}" if row.on_behalf_of_name else ""
    return {
        "step": STEP_NAMES[row.step][0],
        "asked": names[row.asked],
        "by": principal or by or names[row.asked],
        "entered_by": by if principal else "",
        "view": VIEW_NAMES[row.view][0],
        "words": row.words,
        "leader_words": _confirmed(row),
        "at": office_time(row.given_at),
        "submission_number": row.submission_number,
        "is_late": row.is_late,
        "due": office_time(row.due_at) if row.due_at else "",
    }


def _confirmed(row: Row[Any]) -> str:
    if row.leader_outcome is None:
        return ""
    return f"Lãnh đạo sửa: {row.leader_words}" if row.leader_words else "Lãnh đạo đã xác nhận"


def _earlier(submission: Mapping[str, Any]) -> Json:
    at = office_time(datetime.fromisoformat(submission["submitted_at"]))
    content = submission["content"]
    return {
        "submission_number": submission["submission_number"],
        "submitted_at": at,
        "matter": submission["matter"],
        "text": content.get("recommendation") or content.get("summary") or "",
    }


def _unit_name(unit: UnitOfWork, unit_id: UUID | None) -> str:
    found = unit.session.execute(select(_UNIT.c.name).where(_UNIT.c.id == unit_id)).scalar_one_or_none()
    return str(found or "")


def _document_title(unit: UnitOfWork, document_id: UUID | None) -> str:
    columns = (_DOCUMENT.c.type_name, _DOCUMENT.c.subject)
    row = unit.session.execute(select(*columns).where(_DOCUMENT.c.id == document_id)).one_or_none()
    return f"{row.type_name}: {row.subject}" if row is not None else ""

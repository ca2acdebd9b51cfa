"""Asking to read outside one's duty, and withdrawing: the process decides between the two (S3-19.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, update

from handlers.policies.access_requests import lock_request, request_not_found
from service.actions.instances import start_version
from service.actions.messages import Message, correlate
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, Finding, InvalidInput
from service.domain.ids import new_id
from service.domain.permissions import Subject, require
from service.domain.records import clean_text
from service.engine.engine import ProcessEngine
from service.queries.access_requests import AccessRequestView, may_see_request, read_request
from service.queries.definitions import active_definition
from service.queries.documents import read_dossier
from service.storage.models import AccessRequest, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

REQUEST = table_of(AccessRequest)
ACCESS_PROCESS: Final = "access_request"
LONGEST_PERIOD: Final = timedelta(days=366)
MOST_CODES: Final = 50
_LONGEST_CODE: Final = 45
_LONGEST_REASON: Final = 1000


@dataclass(frozen=True, slots=True)
class NewAccessRequest:
    """What a person asks for.

    Attributes:
        reason: why their work needs it.
        from_on: the first day.
        until_on: the last day.
        codes: number and notation of each document as it stands on it, such as ``05-TB/TU``.
        dossier_id: a whole dossier instead of single documents.
        may_download: to take files along and print, not only to look at them.
    """

    reason: str
    from_on: date
    until_on: date
    codes: Sequence[str] = ()
    dossier_id: UUID | None = None
    may_download: bool = False


def ask_access(engine: ProcessEngine, unit: UnitOfWork, new: NewAccessRequest) -> AccessRequestView:
    """Ask to read documents or a dossier outside one's duty; starts the process of the two consents.

    Nothing is looked up for the asker: the answer is the same whether there is such a document or not.

    Raises:
        Forbidden: the actor holds no role of the agency.
        Conflict: the actor is the one who consents.
        InvalidInput: findings at ``/reason``, ``/codes``, ``/dossier_id``, ``/from_on`` and ``/until_on``.
        NotFound: the process is not deployed, or there is no such dossier.
    """
    require(unit.actor, "access_request.ask")
    if "head_of_office" in unit.actor.roles:
        vi = "Chánh Văn phòng là người đồng ý, không phải đề nghị."
        raise Conflict("access_request.consenter", vi, "The head of office consents and need not ask.")
    codes = [clean_text(code) for code in new.codes]
    _check(unit, new, codes)
    if new.dossier_id is not None:
        read_dossier(unit, new.dossier_id)
    definition = active_definition(unit, ACCESS_PROCESS)
    request_id, until_at = new_id(unit.now), _start_of(new.until_on + timedelta(days=1))
    row = {
        "id": request_id,
        "agency_id": unit.actor.agency_id,
        "account_id": unit.actor.account_id,
        "reason": clean_text(new.reason),
        "scope": "dossier" if new.dossier_id else "documents",
        "codes": codes,
        "dossier_id": new.dossier_id,
        "from_at": _start_of(new.from_on),
        "until_at": until_at,
        "may_download": new.may_download,
        "state": "asked",
        "approvals": [],
        "created_at": unit.now,
    }
    unit.session.execute(insert(REQUEST).values(row))
    progress = start_version(engine, unit, definition, {"request_id": str(request_id)}, str(request_id))
    mine = update(REQUEST).where(REQUEST.c.id == request_id)
    unit.session.execute(mine.values(instance_id=progress.instance_id))
    facts = {"scope": row["scope"], "codes": codes, "until": until_at.isoformat()}
    unit.audit(AuditRecord("access_request.ask", "access_request", request_id, facts))
    return read_request(unit, request_id)


def withdraw_access(
    engine: ProcessEngine, unit: UnitOfWork, request_id: UUID, reason: str
) -> AccessRequestView:
    """Withdraw a request, or what it granted: the asker does, or the head of office; it ends at once.

    Raises:
        NotFound: absent, or not the actor's to see.
        Conflict: it has ended.
        InvalidInput: no reason.
    """
    row = lock_request(unit, request_id)
    relations = frozenset({"asker"}) if row.account_id == unit.actor.account_id else frozenset()
    if not may_see_request(unit, row.account_id):
        raise request_not_found()
    require(unit.actor, "access_request.withdraw", Subject(row.state, relations))
    words = clean_text(reason)
    if not 0 < len(words) <= _LONGEST_REASON // 2:
        vi, en = "Phải nêu lý do, tối đa 500 ký tự.", "A reason is required, of at most 500 characters."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    unit.flush_writes()
    correlate(engine, unit, Message("access_withdrawn", str(request_id), {"reason": words}))
    return read_request(unit, request_id)


def _check(unit: UnitOfWork, new: NewAccessRequest, codes: Sequence[str]) -> None:
    findings = []
    if not 0 < len(clean_text(new.reason)) <= _LONGEST_REASON:
        findings.append(_finding("reason", "Phải nêu lý do, tối đa 1000 ký tự.", "Why is required."))
    if bool(codes) == (new.dossier_id is not None):
        vi = "Nêu số, ký hiệu văn bản hoặc chọn một hồ sơ."
        findings.append(_finding("codes", vi, "Name documents by their codes, or one dossier."))
    if len(codes) > MOST_CODES or any(not 0 < len(code) <= _LONGEST_CODE for code in codes):
        vi = f"Tối đa {MOST_CODES} văn bản, mỗi số, ký hiệu tối đa {_LONGEST_CODE} ký tự."
        en = f"At most {MOST_CODES} documents, each code of at most {_LONGEST_CODE} characters."
        findings.append(_finding("codes", vi, en))
    today = unit.now.astimezone(OFFICE_ZONE).date()
    if not today <= new.until_on <= new.from_on + LONGEST_PERIOD or new.until_on < new.from_on:
        vi = f"Thời hạn phải còn hiệu lực và không quá {LONGEST_PERIOD.days} ngày."
        en = f"The period must not be over, and lasts at most {LONGEST_PERIOD.days} days."
        findings.append(_finding("until_on", vi, en))
    if findings:
        vi, en = "Đề nghị chưa đúng.", "The request is not right."
        raise InvalidInput("access_request.invalid", vi, en, findings)


def _finding(field: str, vi: str, en: str) -> Finding:
    return Finding(f"access_request.{field}", vi, en, f"/{field}")


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(0), OFFICE_ZONE)

"""What an agreed slip leads to: the submitter's draft or the leader's assignment (flow D3, step 6; S0-7.1).

The slip's process asks for it through the outbox. A draft is begun in a unit of work of the submitter, with
what they may do today; it commits by itself, and the slip then names its draft. If the worker dies before it
notes the success, the same request comes again and finds the draft there. An assignment is the leader's own
word already, and is given by the system in the leader's name (S0-11g2); the submitter follows its progress.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from handlers.slips.announcement import given_by_slip
from handlers.slips.follow_up import GIVEN_IN
from handlers.slips.slip_row import OPINION, SLIP, lock_slip, read_id, slip_not_found
from service.actions.draft_facts import office_today
from service.actions.draft_rows import DraftFacts
from service.actions.drafts import create_draft
from service.actions.instances import start_version
from service.domain.actors import Actor
from service.domain.assignment_rights import PROCESS
from service.domain.errors import CongVanError, Forbidden
from service.domain.permissions import references_of
from service.domain.slips import FOLLOWED_RESULTS, RESULT_NAMES, follow_up_of
from service.engine.engine import ProcessEngine
from service.queries.definitions import active_definition
from service.storage.database import Database
from service.storage.models import Account, Unit, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ACCOUNT = table_of(Account)
_UNIT = table_of(Unit)

_DESCRIPTION: Final = 8000


class FollowUpChannel:
    """Begins what slips lead to; see :class:`service.actions.outbox.Channel`.

    Args:
        database: opens the submitter's unit of work.
        engine: starts the process that follows.
    """

    def __init__(self, database: Database, engine: ProcessEngine) -> None:
        self._database = database
        self._engine = engine

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Begin what follows a slip, or tell its submitter why it could not be begun.

        Raises:
            NotFound: no such slip.
            CongVanError: of the kind that passes by itself; it is tried again.
        """
        del destination, dedupe_key
        slip_id = read_id(payload["slip_id"])
        try:
            self._begin(unit, slip_id)
        except CongVanError as error:
            if error.kind == "unavailable":
                raise
            _note_fault(unit, slip_id, error)

    def _begin(self, unit: UnitOfWork, slip_id: UUID) -> None:
        content = unit.session.execute(select(SLIP.c.content).where(SLIP.c.id == slip_id)).scalar()
        if content is None:
            raise slip_not_found()
        if follow_up_of(content) == "task":
            with unit.nested():
                _give(self._engine, unit, slip_id)
            return
        with self._database.unit_of_work(_submitter_of(unit, slip_id)) as drafting:
            _draft(self._engine, drafting, slip_id)


def _submitter_of(unit: UnitOfWork, slip_id: UUID) -> Actor:
    """Return the slip's submitter as they may act today, without leave to act for others.

    Raises:
        NotFound: no such slip.
        Forbidden: ``account.disabled``.
    """
    roles = func.roles_on(_ACCOUNT.c.id, office_today(unit)).label("roles")
    joined = SLIP.join(_ACCOUNT, _ACCOUNT.c.id == SLIP.c.submitter_id)
    found = unit.session.execute(
        select(_ACCOUNT, roles).select_from(joined).where(SLIP.c.id == slip_id)
    ).one_or_none()
    if found is None:
        raise slip_not_found()
    if found.disabled_at is not None:
        raise Forbidden(
            "account.disabled", "Tài khoản của người trình đã khóa.", "The submitter's account is disabled."
        )
    held = [(role, code) for role, code in found.roles]
    return Actor(
        agency_id=unit.actor.agency_id,
        agency_code=unit.actor.agency_code,
        account_id=found.id,
        login=found.login,
        full_name=found.full_name,
        references=references_of(found.login, held),
        roles=frozenset(role for role, _code in held),
        request_id=unit.actor.request_id,
    )


def _draft(engine: ProcessEngine, unit: UnitOfWork, slip_id: UUID) -> None:
    """Begin the draft with what the slip knows, once; raises as :func:`create_draft`."""
    slip = lock_slip(unit, slip_id)
    if slip.document_id is not None:
        return
    content = slip.content
    facts = DraftFacts(
        type_code=content["document_type"],
        subject=slip.matter,
        drafting_unit=unit.session.execute(select(_UNIT.c.code).where(_UNIT.c.id == slip.unit_id)).scalar(),
        urgency=slip.urgency,
        description=f"Theo phiếu trình đã có kết quả: {RESULT_NAMES[slip.result][0]}",
        is_attested=content.get("is_attested") is True,  # the submitter's own word, given with the slip
    )
    drafted = create_draft(engine, unit, content["issuing_body"], facts)
    changes = {"document_id": drafted.document_id, "version": slip.version + 1}
    unit.session.execute(update(SLIP).where(SLIP.c.id == slip_id).values(changes))
    details = {"document_id": str(drafted.document_id)}
    unit.audit(AuditRecord("slip.followed_up", "submission_slip", slip_id, details))
    _tell(unit, slip, "slip_followed_up", unit.actor.login, document_id=str(drafted.document_id))


def _give(engine: ProcessEngine, unit: UnitOfWork, slip_id: UUID) -> None:
    """Give the assignment that the leaders agreed to, once; its process shows a fault to the leader.

    Raises:
        NotFound: no version of the process of assignments is active.
    """
    slip = lock_slip(unit, slip_id)
    if GIVEN_IN in slip.content:
        return
    submitter = _login_of(unit, slip.submitter_id)
    facts = {"id": str(slip.id), "matter": slip.matter, "urgency": slip.urgency, "submitter": submitter}
    leader, words = _deciding_word(unit, slip)
    task = slip.content["task"] | {"description": _described(slip, words)}
    if slip.document_id is not None:
        task["document_id"] = str(slip.document_id)
    given = given_by_slip(facts, task, leader)
    definition = active_definition(unit, PROCESS)
    progress = start_version(engine, unit, definition, {"given": given})
    changes = {
        "content": slip.content | {GIVEN_IN: str(progress.instance_id)},
        "version": slip.version + 1,
    }
    unit.session.execute(update(SLIP).where(SLIP.c.id == slip_id).values(changes))
    details = {"instance_id": str(progress.instance_id)}
    unit.audit(AuditRecord("slip.followed_up", "submission_slip", slip_id, details))
    _tell(unit, slip, "slip_task_given", submitter)


def _deciding_word(unit: UnitOfWork, slip: Row[Any]) -> tuple[str, str]:
    """Return login and words of the leader who agreed last to the present submission."""
    giver = func.coalesce(OPINION.c.on_behalf_of_id, OPINION.c.given_by_id)
    statement = (
        select(_ACCOUNT.c.login, OPINION.c.words)
        .join(_ACCOUNT, _ACCOUNT.c.id == giver)
        .where(
            OPINION.c.slip_id == slip.id,
            OPINION.c.submission_number == slip.submission_number,
            OPINION.c.step == "leader",
            OPINION.c.view.in_(FOLLOWED_RESULTS),
        )
        .order_by(OPINION.c.ordinal.desc())
        .limit(1)
    )
    row = unit.session.execute(statement).one()
    return row.login, row.words


def _described(slip: Row[Any], words: str) -> str:
    """Return what is to be done: what the slip proposed, and what the leader said to it."""
    proposed = slip.content.get("recommendation") or ""
    return "\n".join([proposed, f"Ý kiến của lãnh đạo: {words}"] if words else [proposed])[:_DESCRIPTION]


def _login_of(unit: UnitOfWork, account_id: UUID) -> str:
    found: str = unit.session.execute(
        select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == account_id)
    ).scalar_one()
    return found


def _note_fault(unit: UnitOfWork, slip_id: UUID, error: CongVanError) -> None:
    """Write beside the slip why nothing was begun, and tell the submitter; the slip's result stands."""
    slip = lock_slip(unit, slip_id)
    fault = "; ".join([error.vi, *(one.vi for one in error.findings)])
    changes = {"content": slip.content | {"follow_up_fault": fault}, "version": slip.version + 1}
    unit.session.execute(update(SLIP).where(SLIP.c.id == slip_id).values(changes))
    details = {"code": error.code}
    unit.audit(AuditRecord("slip.not_followed_up", "submission_slip", slip_id, details))
    _tell(unit, slip, "slip_not_followed_up", _login_of(unit, slip.submitter_id), note=fault)


def _tell(unit: UnitOfWork, slip: Row[Any], kind: str, login: str, **facts: str) -> None:
    payload = {"kind": kind, "subject": slip.matter, "urgency": slip.urgency, **facts}
    payload["instance_id"] = str(slip.instance_id)
    unit.send("notice", f"user:{login}", payload, f"{kind}:{slip.id}")


__all__ = ["FollowUpChannel"]

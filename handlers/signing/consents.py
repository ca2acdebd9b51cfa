"""Consents while they are used: read under their lock, for the right person, document and file, once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, cast, exists, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from service.domain.actors import Actor
from service.domain.clock import OFFICE_ZONE
from service.domain.consents import ACT_NAMES, Act
from service.domain.errors import Conflict, Forbidden, NotFound
from service.domain.permissions import PERMISSIONS
from service.storage.models import Account, Membership, SigningConsent, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

CONSENT = table_of(SigningConsent)
_ACCOUNT = table_of(Account)
_TASK = table_of(UserTask)
_MEMBERSHIP = table_of(Membership)


def lock_consent(unit: UnitOfWork, consent_id: Any, document_id: UUID) -> Row[Any]:
    """Return a consent about a document, locked, whatever its state.

    Raises:
        NotFound: there is none of that id for this document.
    """
    try:
        wanted = UUID(str(consent_id))
    except ValueError:
        raise _no_consent() from None
    statement = select(CONSENT).where(CONSENT.c.id == wanted, CONSENT.c.document_id == document_id)
    row = unit.session.execute(statement.with_for_update()).one_or_none()
    if row is None:
        raise _no_consent()
    return row


def check_usable(unit: UnitOfWork, consent: Row[Any]) -> None:
    """Refuse a consent that was used, has expired, or is another person's than the one who acts.

    The system may carry out what a person agreed to; another person may not.

    Raises:
        Conflict: ``consent.used`` or ``consent.expired``.
        Forbidden: ``consent.foreign``, or ``consent.account_disabled``.
    """
    if consent.used_at is not None:
        vi, en = "Sự đồng ý ký này đã dùng rồi; hãy đồng ý lại.", "This consent was used; consent again."
        raise Conflict("consent.used", vi, en)
    if unit.now > consent.expires_at:
        vi, en = (
            "Sự đồng ý ký đã quá 10 phút; hãy đồng ý lại.",
            "The consent is older than ten minutes; consent again.",
        )
        raise Conflict("consent.expired", vi, en)
    if not unit.actor.is_system and unit.actor.account_id != consent.account_id:
        vi, en = "Sự đồng ý ký là của người khác.", "The consent is another person's."
        raise Forbidden("consent.foreign", vi, en)
    disabled = select(_ACCOUNT.c.disabled_at).where(_ACCOUNT.c.id == consent.account_id)
    if unit.session.execute(disabled).scalar_one() is not None:
        vi, en = (
            "Tài khoản của người đồng ý ký đã bị khóa.",
            "The account of the consenting person is disabled.",
        )
        raise Forbidden("consent.account_disabled", vi, en)


def require_sealer(unit: UnitOfWork, consent: Row[Any]) -> None:
    """Refuse a body's signature whose consenting person keeps its seal no more on this day (S4-5.2).

    Who consented was a clerk then; between consent and seal a role may end.

    Raises:
        Forbidden: ``signature.no_sealer``.
    """
    today = unit.now.astimezone(OFFICE_ZONE).date()
    column = _MEMBERSHIP.c
    held = exists().where(
        column.account_id == consent.account_id,
        column.role.in_(sorted(PERMISSIONS["signature.seal"].roles)),
        or_(column.from_on.is_(None), column.from_on <= today),
        or_(column.to_on.is_(None), column.to_on >= today),
    )
    if not unit.session.execute(select(held)).scalar_one():
        vi = "Người đồng ý đóng dấu không còn là văn thư của cơ quan."
        raise Forbidden("signature.no_sealer", vi, "Who consented keeps the seal no more.")


def check_act(consent: Row[Any], acts: frozenset[Act]) -> None:
    """Refuse a consent to another act than the service task carries out.

    Raises:
        Conflict: ``consent.other_act``.
    """
    if consent.act not in acts:
        vi = f"Sự đồng ý ký dành cho việc khác: {ACT_NAMES[consent.act][0]}."
        en = f"The consent is for another act: {ACT_NAMES[consent.act][1]}."
        raise Conflict("consent.other_act", vi, en)


def mark_used(unit: UnitOfWork, consent: Row[Any]) -> None:
    """Use a consent up, in the transaction of its signature."""
    unit.session.execute(update(CONSENT).where(CONSENT.c.id == consent.id).values(used_at=unit.now))


def require_task(unit: UnitOfWork, document: Row[Any], account_id: UUID, *, since: Any = None) -> None:
    """Refuse a signer who has no open task of the document's process, nor completed one meanwhile.

    A task that another person does by an order does not count: signing is never handed over.

    Args:
        unit: the open unit of work.
        document: its row.
        account_id: who signs.
        since: aware; a task that the signer completed from then on counts too.

    Raises:
        Forbidden: ``signature.no_task``.
    """
    theirs: list[Any] = [and_(_TASK.c.is_open, _TASK.c.owner_id == account_id)]
    if unit.actor.account_id == account_id:
        theirs.append(_claimable(unit.actor))
    if since is not None:
        done = (_TASK.c.completed_by_id == account_id, _TASK.c.completed_at >= since)
        theirs.append(and_(*done, _TASK.c.on_behalf_of_id.is_(None)))
    statement = select(exists().where(_TASK.c.instance_id == document.instance_id, or_(*theirs)))
    if not unit.session.execute(statement).scalar_one():
        vi = "Bạn không giữ việc nào của văn bản này nên không ký được."
        raise Forbidden("signature.no_task", vi, "You hold no task of this document, so you cannot sign it.")


def _claimable(actor: Actor) -> Any:
    """Return the condition: the task waits for somebody, and the actor is one of those by their own right."""
    mine = cast(sorted(actor.references), ARRAY(Text))
    free = and_(
        _TASK.c.is_open, _TASK.c.owner_id.is_(None), _TASK.c.owners.op("&&", is_comparison=True)(mine)
    )
    return and_(free, ~_TASK.c.excluded.op("&&", is_comparison=True)(mine))


def _no_consent() -> NotFound:
    vi = "Chưa có sự đồng ý ký của người có quyền cho văn bản này."
    return NotFound("consent.not_found", vi, "No person has consented to this signature of this document.")

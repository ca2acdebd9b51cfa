"""Changes of rights, as the heads see them: what was given or taken, by whom, and who has confirmed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from handlers.accounts.changes import CHANGE
from service.domain.errors import NotFound
from service.domain.permissions import is_allowed, require
from service.domain.user_tasks import headed_units
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, table_of
from service.storage.unit_of_work import UnitOfWork

_PERSON = table_of(Account).alias("person")
_MAKER = table_of(Account).alias("maker")
_DECIDER = table_of(Account).alias("decider")


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change of rights; ``state`` is open, confirmed or undone.

    Attributes:
        kind: ``membership.grant``, ``membership.end``, ``assistance.grant`` or ``assistance.end``.
        login: whose rights changed.
        facts: the role and unit, or the leader; the days; of an end, the last day before.
        by: who made it.
        undoes_id: the change that this one takes back.
        may_decide: whether the reader may confirm or undo it.
    """

    id: UUID
    kind: str
    login: str
    full_name: str
    facts: Mapping[str, Any]
    at: datetime
    by: str | None
    by_name: str | None
    undoes_id: UUID | None
    state: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    may_decide: bool


def list_changes(
    unit: UnitOfWork, *, is_open: bool | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[ChangeView]:
    """Return the changes of rights that the actor looks after, newest first; heads of units see their unit's.

    Args:
        unit: of a head, an administrator or a supervisor.
        is_open: only those that wait to be confirmed, or only others; None = all.
        cursor: where the page begins.
        limit: how many.

    Raises:
        Forbidden: the actor looks after nobody's rights.
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "permission_change.list")
    size = page_size(limit)
    statement = _select().where(*_looked_after(unit)).order_by(CHANGE.c.id.desc()).limit(size + 1)
    if is_open is not None:
        waits = CHANGE.c.decision.is_(None)
        statement = statement.where(waits if is_open else ~waits)
    if cursor:
        statement = statement.where(CHANGE.c.id < _before(cursor))
    views = [_view(unit, row) for row in unit.session.execute(statement).mappings()]
    following = encode_cursor(str(views[size - 1].id)) if len(views) > size else None
    return Page(views[:size], following)


def read_change(unit: UnitOfWork, change_id: UUID) -> ChangeView:
    """Return one change of rights.

    Raises:
        Forbidden: the actor looks after nobody's rights.
        NotFound: there is no such change, or it is not the actor's to see.
    """
    require(unit.actor, "permission_change.list")
    statement = _select().where(CHANGE.c.id == change_id, *_looked_after(unit))
    row = unit.session.execute(statement).mappings().one_or_none()
    if row is None:
        vi, en = "Không có thay đổi quyền này.", "There is no such change of rights."
        raise NotFound("permission_change.not_found", vi, en)
    return _view(unit, row)


def is_concerned(unit: UnitOfWork, row: Mapping[Any, Any]) -> bool:
    """Return whether the actor made the change, or it is about them: then another must decide on it."""
    return unit.actor.account_id in {row["actor_id"], row["account_id"]}


def _looked_after(unit: UnitOfWork) -> list[ColumnElement[bool]]:
    if unit.actor.roles - {"unit_head"} and is_allowed(unit.actor, "permission_change.list_all"):
        return []
    codes = headed_units(unit.actor.references)
    return [CHANGE.c.facts["unit"].astext.in_(sorted(codes))]


def _select() -> Select[Any]:
    return (
        select(
            *CHANGE.c,
            _PERSON.c.login,
            _PERSON.c.full_name,
            _MAKER.c.login.label("by"),
            _MAKER.c.full_name.label("by_name"),
            _DECIDER.c.login.label("decided_by"),
        )
        .join(_PERSON, _PERSON.c.id == CHANGE.c.account_id)
        .outerjoin(_MAKER, _MAKER.c.id == CHANGE.c.actor_id)
        .outerjoin(_DECIDER, _DECIDER.c.id == CHANGE.c.decided_by_id)
    )


def _view(unit: UnitOfWork, row: Mapping[Any, Any]) -> ChangeView:
    names = ("id", "kind", "login", "full_name", "facts", "at", "by", "by_name", "undoes_id")
    is_open = row["decision"] is None
    return ChangeView(
        **{name: row[name] for name in names},
        state=row["decision"] or "open",
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        reason=row["reason"],
        may_decide=is_open
        and is_allowed(unit.actor, "permission_change.decide")
        and not is_concerned(unit, row),
    )


def _before(cursor: str) -> UUID:
    (text,) = decode_cursor(cursor, 1)
    try:
        return UUID(str(text))
    except ValueError as error:
        raise bad_cursor() from error

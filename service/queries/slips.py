"""Submission slips as those concerned read them: lists, one slip with every opinion, its frozen PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    cast,
    exists,
    literal,
    or_,
    select,
    tuple_,
)

from handlers.slips.slip_page import names_of, opinions_of
from handlers.slips.slip_row import SLIP, slip_not_found
from service.domain.actors import Actor
from service.domain.permissions import is_allowed
from service.domain.slips import VIEW_NAMES, follow_up_of
from service.queries.clearance import is_undecided
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, Assignment, Unit, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_ASSIGNMENT = table_of(Assignment)
_TASK = table_of(UserTask)
_UNIT = table_of(Unit)


@dataclass(frozen=True, slots=True)
class OpinionView:
    """One opinion; ``given_by`` None = nobody answered in time; both names where an aide entered it.

    Attributes:
        asked: owner reference; ``asked_name`` is how people call it.
        leader_outcome: what the leader said later of words entered for them: confirmed or corrected.
        leader_words: the corrected words.
    """

    id: UUID
    ordinal: int
    submission_number: int
    step: str
    asked: str
    asked_name: str
    view: str
    view_name: str
    words: str
    given_by: str | None
    given_by_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    given_at: datetime
    due_at: datetime | None
    is_late: bool
    clause: str
    leader_outcome: str | None
    leader_words: str | None


@dataclass(frozen=True, slots=True)
class SlipView:
    """A slip as lists show it.

    Attributes:
        state: submitted, returned or decided.
        result: agree, agree_changed, refuse, meeting, withdrawn, dropped; None before.
        opened_at: when somebody other than the submitter first opened the present submission.
        has_file: whether the frozen PDF is there.
        document_id: the draft that it is about, or that followed it.
        follow_up: what its agreement leads to: end, outgoing or task.
    """

    id: UUID
    instance_id: UUID
    document_id: UUID | None
    state: str
    result: str | None
    submission_number: int
    matter: str
    urgency: str
    is_for_signature: bool
    mode: str
    leaders: Sequence[str]
    consulted: Sequence[str]
    submitter: str
    submitter_name: str
    unit_code: str | None
    created_at: datetime
    submitted_at: datetime
    opened_at: datetime | None
    decided_at: datetime | None
    has_file: bool
    follow_up: str
    version: int


@dataclass(frozen=True, slots=True)
class SlipDetail(SlipView):
    """A slip with its words, those of earlier submissions, and every opinion.

    Attributes:
        assignment_id: the assignment that followed it.
    """

    content: Mapping[str, Any]
    earlier: Sequence[Mapping[str, Any]]
    opinions: Sequence[OpinionView] = ()
    assignment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SlipFilter:
    """Which slips to list; None = any.

    Attributes:
        is_mine: only those that the actor submitted, or only others.
        is_open: only undecided or only decided ones.
    """

    document_id: UUID | None = None
    instance_id: UUID | None = None
    result: str | None = None
    is_mine: bool | None = None
    is_open: bool | None = None
    text: str | None = None


def list_slips(
    unit: UnitOfWork, wanted: SlipFilter, cursor: str | None = None, limit: int | None = None
) -> Page[SlipView]:
    """Return the slips that the actor may see, newest first.

    Raises:
        InvalidInput: an unknown cursor.
    """
    conditions = [may_see(unit.actor), *_conditions(wanted, unit.actor)]
    if cursor:
        conditions.append(tuple_(SLIP.c.created_at, SLIP.c.id) < _before(cursor))
    size = page_size(limit)
    statement = _select().where(*conditions).order_by(SLIP.c.created_at.desc(), SLIP.c.id.desc())
    rows = unit.session.execute(statement.limit(size + 1)).all()
    items = tuple(_view(row) for row in rows[:size])
    following = None
    if len(rows) > size:
        following = encode_cursor(items[-1].created_at.isoformat(), str(items[-1].id))
    return Page(items, following)


def find_slip(unit: UnitOfWork, slip_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return the row of a slip that the actor may see, with ``submitter`` and ``unit_code``.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    statement = _select().where(SLIP.c.id == slip_id, may_see(unit.actor))
    if is_locked:
        statement = statement.with_for_update(of=SLIP)
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise slip_not_found()
    return row


def slip_detail(unit: UnitOfWork, row: Row[Any]) -> SlipDetail:
    """Return a slip's row with its words and opinions."""
    view = _view(row)
    opinions = opinions_of(unit, row.id)
    names = names_of(unit, [one.asked for one in opinions])
    base = {name: getattr(view, name) for name in SlipView.__dataclass_fields__}
    following = select(_ASSIGNMENT.c.id).where(_ASSIGNMENT.c.slip_id == row.id).limit(1)
    return SlipDetail(
        **base,
        content=row.content,
        earlier=row.earlier,
        opinions=tuple(_opinion(one, names) for one in opinions),
        assignment_id=unit.session.execute(following).scalar(),
    )


def may_see(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which ``actor`` sees a slip.

    Its submitter, the leaders that it is put to and their aides, whoever had or may take a task of its
    instance, and the head of office; nobody while the document that it is about is locked by a spill.
    """
    if actor.is_system:
        return literal(value=True)
    is_open = ~is_undecided(SLIP.c.document_id)
    if is_allowed(actor, "slip.read_any"):
        return is_open
    references = cast(sorted(actor.references), ARRAY(Text))
    worked = exists().where(
        _TASK.c.instance_id == SLIP.c.instance_id,
        or_(
            _TASK.c.owner_id == actor.account_id,
            _TASK.c.completed_by_id == actor.account_id,
            and_(_TASK.c.is_open, _TASK.c.owners.op("&&")(references)),
        ),
    )
    leaders = cast([actor.login, *sorted(actor.assists)], ARRAY(Text))
    asked = SLIP.c.leaders.op("&&")(leaders)
    return and_(is_open, or_(SLIP.c.submitter_id == actor.account_id, worked, asked))


def _select() -> Select[Any]:
    submitter = _ACCOUNT.alias("submitter")
    joined = SLIP.join(submitter, submitter.c.id == SLIP.c.submitter_id)
    joined = joined.outerjoin(_UNIT, _UNIT.c.id == SLIP.c.unit_id)
    names = (
        submitter.c.login.label("submitter"),
        submitter.c.full_name.label("submitter_name"),
        _UNIT.c.code.label("unit_code"),
    )
    return select(SLIP, *names).select_from(joined)


def _view(row: Row[Any]) -> SlipView:
    derived = {"has_file", "follow_up"}
    values = {name: getattr(row, name) for name in SlipView.__dataclass_fields__ if name not in derived}
    return SlipView(**values, has_file=row.file_sha256 is not None, follow_up=follow_up_of(row.content))


def _opinion(row: Row[Any], names: Mapping[str, str]) -> OpinionView:
    derived = {"asked_name", "view_name"}
    values = {name: getattr(row, name) for name in OpinionView.__dataclass_fields__ if name not in derived}
    return OpinionView(**values, asked_name=names[row.asked], view_name=VIEW_NAMES[row.view][0])


def _conditions(wanted: SlipFilter, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in ("document_id", "instance_id", "result"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(SLIP.c[name] == value)
    if wanted.is_mine is not None:
        mine = SLIP.c.submitter_id == actor.account_id
        found.append(mine if wanted.is_mine else ~mine)
    if wanted.is_open is not None:
        undecided = SLIP.c.decided_at.is_(None)
        found.append(undecided if wanted.is_open else ~undecided)
    if wanted.text:
        found.append(SLIP.c.matter.icontains(wanted.text, autoescape=True))
    return found


def _before(cursor: str) -> tuple[Any, Any]:
    created, slip_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(created), UUID(slip_id)
    except ValueError as error:
        raise bad_cursor() from error

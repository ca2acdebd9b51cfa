"""FEEL functions of the office: deadlines on the working calendar, and look-ups in the organisation.

They read the agency of the unit of work; nothing is read before a diagram asks. ``docs/feel.md`` lists them
for analysts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import and_, or_, select

from service.domain.calendar import CalendarError, WorkingCalendar
from service.domain.deadlines import DeadlineError, compute_deadline, read_rule
from service.feel import to_feel
from service.feel.functions.library import DeclaredFunction, Library
from service.feel.runtime import Run
from service.feel.values import DateTime, to_python
from service.feel.values.reasons import Reason
from service.storage.calendars import read_calendar
from service.storage.models import Account, Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_OFFICE: Final = Library()
_ACCOUNT = table_of(Account)
_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)


class OfficeFunctions(Mapping[str, DeclaredFunction]):
    """The functions for one unit of work; they find the unit again through the evaluation's runtime.

    Without a unit, at a desk without an agency, the calendar is that of the ordinary working week and
    nobody is known.
    """

    def __init__(self, unit: UnitOfWork | None) -> None:
        self.unit = unit
        self._calendar: WorkingCalendar | None = WorkingCalendar() if unit is None else None

    def __getitem__(self, name: str) -> DeclaredFunction:
        return _OFFICE.functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_OFFICE.functions)

    def __len__(self) -> int:
        return len(_OFFICE.functions)

    def calendar(self) -> WorkingCalendar:
        """Return the agency's working calendar, read once for each unit of work."""
        if self._calendar is None:
            assert self.unit is not None
            self._calendar = read_calendar(self.unit)
        return self._calendar


def function_names() -> frozenset[str]:
    """Return the names, for the deploy check."""
    return frozenset(_OFFICE.functions)


def _office(run: Run) -> OfficeFunctions:
    functions = run.runtime.functions
    assert isinstance(functions, OfficeFunctions)
    return functions


def _instant(value: DateTime) -> datetime:
    return cast("datetime", to_python(value))


@_OFFICE.function("deadline(rule: Any, start: date and time) -> context")
def _deadline(run: Run, rule: Any, start: DateTime) -> Any:
    """Return ``{due_at, warn_at, rule, clause, start, calendar, derivation…}`` for a deadline rule."""
    try:
        found = compute_deadline(read_rule(rule), _instant(start), _office(run).calendar())
    except (DeadlineError, CalendarError, ValueError) as error:
        return Reason("deadline.invalid", f"không tính được thời hạn: {error}.", f"no deadline: {error}.")
    return to_feel(found.as_context())


@_OFFICE.function("is_office_hours(at: date and time) -> boolean")
def _is_office_hours(run: Run, at: DateTime) -> Any:
    """Return whether an instant lies in office hours; the lunch break does."""
    return _office(run).calendar().is_office_hours(_instant(at))


@_OFFICE.function("people(reference: string) -> list<string>")
def _people(run: Run, reference: str) -> Any:
    """Return the user references (``user:<login>``) of those whom an owner reference names today."""
    unit = _office(run).unit
    if unit is None:
        return Reason("people.no_agency", "chưa chọn cơ quan.", "no agency is chosen.")
    return [f"user:{login}" for login in _logins(unit, reference)]


def _logins(unit: UnitOfWork, reference: str) -> list[str]:
    kind, _, rest = reference.partition(":")
    if kind == "user":
        return [rest]
    role, _, at_unit = rest.partition("@unit:") if kind == "role" else ("", "", rest)
    today = unit.now.date()
    conditions = [
        _ACCOUNT.c.disabled_at.is_(None),
        or_(_MEMBERSHIP.c.from_on.is_(None), _MEMBERSHIP.c.from_on <= today),
        or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
    ]
    if role:
        conditions.append(_MEMBERSHIP.c.role == role)
    if at_unit:
        conditions.append(_UNIT.c.code == at_unit)
    joined = _MEMBERSHIP.join(_ACCOUNT, _ACCOUNT.c.id == _MEMBERSHIP.c.account_id)
    joined = joined.outerjoin(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id)
    statement = select(_ACCOUNT.c.login).select_from(joined).where(and_(*conditions)).distinct()
    return list(unit.session.execute(statement.order_by(_ACCOUNT.c.login)).scalars())

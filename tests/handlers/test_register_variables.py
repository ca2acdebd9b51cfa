"""Variables of a process that are no ids, days or instants: refused by name, never a bare ValueError."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from handlers.contract import Handler, HandlerContext
from handlers.registers.list_due import ListDueRegisters
from handlers.registers.print import BindRegister, PrintRegister
from service.domain.errors import CongVanError, InvalidInput, NotFound
from service.storage.database import Database
from tests.factories import Office

GARBAGE: tuple[Any, ...] = ("không", "", None, 7, [], {"id": 1})


def _run(database: Database, office: Office, handler: Handler, params: dict[str, Any]) -> CongVanError:
    with database.unit_of_work(office.system) as unit, pytest.raises(CongVanError) as caught:
        handler(params, HandlerContext(unit, uuid4(), "step", None, uuid4(), None))
    return caught.value


def test_what_is_no_print_no_book_and_no_instant_is_refused_by_name(
    database: Database, office: Office
) -> None:
    bound = {"printed_on": "2026-03-01", "signed_by": "Trần Văn Minh"}
    for value in GARBAGE:
        assert isinstance(_run(database, office, BindRegister(), {**bound, "print_id": value}), NotFound)
        order = {"register_id": value, "form": "incoming", "from": "2026-01-01", "to": "2026-01-31"}
        assert isinstance(_run(database, office, PrintRegister(), order), NotFound)
        due = _run(database, office, ListDueRegisters(), {"periods": ["month"], "at": value})
        assert (type(due), due.code) == (InvalidInput, "register.instant")


def test_what_is_no_day_is_refused_by_name(database: Database, office: Office) -> None:
    for value in GARBAGE:
        given = {"print_id": str(uuid4()), "signed_by": "A", "printed_on": value}
        error = _run(database, office, BindRegister(), given)
        assert (type(error), error.code) == (InvalidInput, "register.day")

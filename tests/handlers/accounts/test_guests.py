"""A guest asked for by a process: what makes no sense is refused by name, never a fault."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from handlers.accounts.guests import AdmitGuest
from handlers.contract import HandlerContext
from service.domain.errors import InvalidInput
from service.storage.database import Database
from tests.factories import Office

GUEST = {"full_name": "Lê Khách", "meeting": "Hội nghị", "until": "2026-03-02T11:00:00+07:00"}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (GUEST | {"until": "chiều nay"}, "guest.end"),
        ({"full_name": "Lê Khách", "meeting": "Hội nghị"}, "guest.end"),
        (GUEST | {"until": "2026-03-01T11:00:00+07:00"}, "guest.end"),
        (GUEST | {"meeting": None}, "name.required"),
        (GUEST | {"full_name": " "}, "name.required"),
        ("Lê Khách", "guest.request"),
    ],
    ids=["no instant", "no end", "a past end", "no meeting", "no name", "no object"],
)
def test_what_makes_no_sense_is_refused_by_name(
    database: Database, office: Office, request_: Any, code: str
) -> None:
    with database.unit_of_work(office.system) as unit:
        context = HandlerContext(unit, uuid4(), "admit_guest", None, uuid4(), None)
        with pytest.raises(InvalidInput) as caught:
            AdmitGuest()({"request": request_}, context)
    assert caught.value.code == code

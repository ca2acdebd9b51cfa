from __future__ import annotations

import pytest
from sqlalchemy import insert

from service.domain.ids import new_id
from service.storage.models import Partner, table_of
from tests.processes.desk import PARTNER, Desk


@pytest.fixture
def desk(runtime, office, clock) -> Desk:
    """A desk with the incoming process deployed and one partner in the directory."""
    made = Desk(runtime, office, clock)
    with made.unit() as unit:
        row = {"id": new_id(unit.now), "agency_id": office.agency_id, "organ_id": PARTNER}
        unit.session.execute(insert(table_of(Partner)).values(row | {"name": "Ban Tổ chức Tỉnh ủy (mẫu)"}))
    made.deploy_bundle()
    return made

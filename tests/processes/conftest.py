from __future__ import annotations

import pytest
from sqlalchemy import insert

from service.domain.ids import new_id
from service.storage.models import ExchangeLink, Partner, table_of
from tests.processes.desk import PARTNER, Desk


@pytest.fixture
def desk(runtime, office, clock) -> Desk:
    """A desk with the incoming process deployed and one partner in the directory, who need not sign."""
    made = Desk(runtime, office, clock)
    with made.unit() as unit:
        row = {"id": new_id(unit.now), "agency_id": office.agency_id, "organ_id": PARTNER}
        unit.session.execute(insert(table_of(Partner)).values(row | {"name": "Ban Tổ chức Tỉnh ủy (mẫu)"}))
        link = {"partner_id": row["id"], "agency_id": office.agency_id, "channel": "", "changed_at": unit.now}
        rules = {"accepts_unsigned": True, "may_refuse_recall": False, "attachment_encoding": "base64"}
        unit.session.execute(insert(table_of(ExchangeLink)).values(link | rules))
    made.deploy_bundle()
    return made

"""The administration of an agency: all of its accounts and no other's; lost, the agency above is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from service.storage.models import Agency, AuditEvent, Outbox, table_of
from tests.api.callers import assert_problem

AGENCY, AUDIT, OUTBOX = table_of(Agency), table_of(AuditEvent), table_of(Outbox)
LOST = {"reason": "Mất quyền truy cập quản trị, đề nghị hỗ trợ"}
ADDRESS = "/api/v1/agency/administration/lost"


@pytest.mark.clause("S3-7.2c")
def test_an_agency_keeps_its_own_accounts_and_turns_to_the_one_above_when_it_cannot_any_more(
    sign_in, sign_in_elsewhere, office, other_office, owner
) -> None:
    admin, clerk = sign_in_elsewhere("dongson.quantri"), sign_in_elsewhere("dongson.vanthu")
    listed = {one["login"] for one in admin.get("/api/v1/accounts").json["items"]}
    assert listed == set(other_office.accounts)
    assert_problem(admin.post("/api/v1/accounts/vanthu/password"), 404, "account.not_found")
    assert_problem(sign_in("quantri").post("/api/v1/accounts/dongson.vanthu/password"), 404)

    assert_problem(clerk.post(ADDRESS, LOST), 403)
    assert_problem(admin.post(ADDRESS, {"reason": " "}), 422)
    assert_problem(sign_in("quantri").post(ADDRESS, LOST), 409, "agency.no_parent")
    with owner.session() as session:
        which = AGENCY.c.id == other_office.agency_id
        session.execute(update(AGENCY).where(which).values(parent_id=office.agency_id))
    assert admin.post(ADDRESS, LOST).json["agency_code"] == "vptu"
    assert admin.post(ADDRESS, LOST).status_code == 200
    with owner.session() as session:
        told = session.execute(select(OUTBOX).where(OUTBOX.c.payload["kind"].astext == "administration_lost"))
        (notice,) = told.all()
        assert (notice.agency_id, notice.destination) == (office.agency_id, "role:admin")
        assert LOST["reason"] in notice.payload["name"]
        here = select(AUDIT.c.action, AUDIT.c.agency_id).where(AUDIT.c.action.like("administration.%"))
        assert set(session.execute(here).all()) == {
            ("administration.escalate", other_office.agency_id),
            ("administration.asked_for_help", office.agency_id),
        }

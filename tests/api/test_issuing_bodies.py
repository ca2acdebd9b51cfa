"""Issuing bodies over HTTP."""

from __future__ import annotations

import pytest

from tests.api.callers import Caller, assert_problem

NEW = {
    "code": "bantochuc",
    "name": "Ban Tổ chức",
    "notation": "BTCTU",
    "side": "party",
    "term": "2025-2030",
    "term_from_on": "2025-10-01",
}
BODIES = "/api/v1/issuing-bodies"


@pytest.fixture
def admin(sign_in) -> Caller:
    return sign_in("quantri")


def test_a_body_is_entered_changed_given_a_term_and_closed(admin, sign_in):
    made = admin.post(BODIES, NEW)
    assert made.status_code == 201
    assert made.json["terms"] == [{"term": "2025-2030", "from_on": "2025-10-01", "to_on": None}]
    changed = admin.ask("PATCH", f"{BODIES}/bantochuc", json={"place": "Sông Hồng"})
    assert changed.json["place"] == "Sông Hồng"
    begun = admin.post(f"{BODIES}/bantochuc/terms", {"term": "2026-2031", "from_on": "2026-03-02"})
    assert (begun.status_code, begun.json["term"]) == (201, "2026-2031")
    assert admin.post(f"{BODIES}/bantochuc/close").json["closed_at"]
    specialist = sign_in("cv.tonghop1")
    assert [body["code"] for body in specialist.get(BODIES).json["items"]] == ["tinhuy", "vptu"]
    assert len(specialist.get(f"{BODIES}?closed=true").json["items"]) == 3
    assert specialist.get(f"{BODIES}/bantochuc").json["notation"] == "BTCTU"


@pytest.mark.clause("S3-16")
def test_a_body_has_its_own_identifier_on_the_exchange_or_the_agencys(admin, other_office):
    made = admin.post(BODIES, {**NEW, "organ_id": "A01.02"})
    assert (made.status_code, made.json["organ_id"]) == (201, "A01.02")
    for taken in ("A01.02", other_office.plan.organ_id):
        problem = admin.ask("PATCH", f"{BODIES}/tinhuy", json={"organ_id": taken})
        document = assert_problem(problem, 409, "organ_id.taken")
        assert document["errors"][0]["pointer"] == "/organ_id"
    assert admin.ask("PATCH", f"{BODIES}/bantochuc", json={"organ_id": None}).json["organ_id"] is None
    assert admin.ask("PATCH", f"{BODIES}/tinhuy", json={"organ_id": "A01.02"}).json["organ_id"] == "A01.02"
    assert_problem(admin.ask("PATCH", f"{BODIES}/vptu", json={"organ_id": "x" * 36}), 422, "request.invalid")


def test_refusals_point_at_what_is_wrong(admin):
    document = assert_problem(admin.post(BODIES, {**NEW, "notation": "btc"}), 422, "issuing_body.notation")
    assert document["errors"][0]["pointer"] == "/notation"
    assert_problem(admin.post(BODIES, {**NEW, "code": "vptu"}), 409, "name.taken")
    assert_problem(admin.get(f"{BODIES}/danguy"), 404, "issuing_body.not_found")


def test_a_body_of_another_agency_is_not_found(admin, other_office):
    assert_problem(admin.post(f"{BODIES}/danguy/close"), 404, "issuing_body.not_found")
    assert "danguy" not in {body["code"] for body in admin.get(f"{BODIES}?closed=true").json["items"]}


def test_who_keeps_no_bodies_is_refused(sign_in):
    assert_problem(sign_in("vanthu").post(BODIES, NEW), 403, "action.forbidden")

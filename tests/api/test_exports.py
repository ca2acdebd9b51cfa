"""Taking data out as a file: warned of, confirmed where the agency wants it, always on record."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from service.api.routes import ACCESS
from tests.api.callers import assert_problem

CONFIRMED = {"X-Export-Confirmed": "yes"}


@pytest.mark.clause("S1-8.3")
def test_data_leaves_with_the_rule_about_storage_devices_and_on_record(sign_in) -> None:
    admin = sign_in("quantri")
    answer = admin.get("/api/v1/people/export?format=csv")
    assert answer.status_code == 200
    rule = unquote(answer.headers["X-Export-Warning"].removeprefix("UTF-8''"))
    assert "thiết bị lưu trữ an toàn" in rule
    assert "DC-02" in rule

    # An agency may have the rule confirmed first: in both languages, with how to do it.
    assert (
        admin.ask("PATCH", "/api/v1/agency", json={"export_rule": "confirm"}).json["export_rule"] == "confirm"
    )
    refused = assert_problem(admin.get("/api/v1/people/rights/tong_hop"), 428, "export.unconfirmed")
    assert "thiết bị lưu trữ an toàn" in refused["detail"]
    assert refused["confirm_with"] == CONFIRMED
    english = admin.get("/api/v1/people/export", headers={"Accept-Language": "en"})
    assert "safe storage devices" in assert_problem(english, 428)["detail"]
    assert admin.get("/api/v1/people/rights/tong_hop", headers=CONFIRMED).status_code == 200
    assert admin.get("/api/v1/people/template").status_code == 200  # an empty list takes no data out
    assert_problem(admin.ask("PATCH", "/api/v1/agency", json={"export_rule": "never"}), 422)

    events = sign_in("giamsat").get("/api/v1/audit-events?action=data.exported").json["items"]
    told = [(one["actor"], one["object_kind"], one["details"]["is_confirmed"]) for one in events]
    assert told == [("quantri", "rights", True), ("quantri", "people", False)]
    assert events[1]["details"]["count"] > 10
    assert events[1]["details"]["bytes"] == len(answer.data)
    assert events[1]["details"]["file_name"] == "nguoi-dung.csv"


@pytest.mark.clause("S1-8.3")
def test_each_route_that_gives_a_file_of_data_hands_it_out_by_the_rule(app) -> None:
    """Pictures of single pages, empty lists, diagrams and QR codes are no data taken out."""
    kept = {"people.read_template", "processes.read_file", "reference.stylesheet"}
    views = app.view_functions
    giving = {
        name
        for name, view in views.items()
        if "file" in name.rsplit(".", 1)[-1] or name.rsplit(".", 1)[-1].startswith(("export", "print_copy"))
    }
    reading = {
        name for name in giving if name.rsplit(".", 1)[-1].startswith(("read", "export", "print_copy"))
    }
    without = {name for name in reading - kept if name in ACCESS and ACCESS[name].hands_out is None}
    assert without == set()
    assert {"documents.read_file", "registers.read_print_file", "slips.read_file"} <= reading

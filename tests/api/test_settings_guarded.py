"""The settings of an office are changed by those who keep them, never by others, and each change is on record."""

from __future__ import annotations

import pytest

from tests.api.callers import assert_problem

DAY = "/api/v1/calendar/days/2026-03-06"
LADDERS = "/api/v1/deadlines/ladders"
FREE_DAY = {"is_working": False, "label": "Nghỉ", "source": "QĐ mẫu"}
SEASON = {
    "first_on": "2026-04-15",
    "last_on": "2026-10-15",
    "label": "Giờ mùa hè",
    "source": "QĐ mẫu",
    "week": {"1": [["07:00", "11:00"], ["14:00", "17:00"]]},
}
LADDER = {"rungs": [{"at": "due", "tells": ["owner"]}]}
WHAT_OTHERS_TRY = [
    ("PUT", DAY, FREE_DAY),
    ("DELETE", DAY, None),
    ("POST", "/api/v1/calendar/years", {"year": 2027}),
    ("POST", "/api/v1/calendar/seasons", SEASON),
    ("PUT", LADDERS, LADDER),
    ("DELETE", LADDERS, None),
    ("POST", "/api/v1/issuing-bodies", {"code": "x"}),
]


@pytest.mark.clause("S2-4.3")
@pytest.mark.parametrize("login", ["cv.tonghop1", "giamsat"])
def test_others_neither_change_nor_delete_a_setting(sign_in, login):
    clerk = sign_in("vanthu")
    assert clerk.ask("PUT", DAY, json=FREE_DAY).status_code == 204
    settings = (
        "/api/v1/calendar/days?year=2026",
        "/api/v1/calendar/seasons",
        LADDERS,
        "/api/v1/issuing-bodies",
    )
    before = [clerk.get(path).json for path in settings]
    assert before[0]["items"]
    other = sign_in(login)
    for method, path, body in WHAT_OTHERS_TRY:
        assert_problem(other.ask(method, path, json=body), 403, "action.forbidden")
    assert [clerk.get(path).json for path in settings] == before


@pytest.mark.clause("S2-4.3")
def test_who_changed_or_deleted_a_setting_is_on_record(sign_in):
    clerk = sign_in("vanthu")
    assert clerk.ask("PUT", DAY, json=FREE_DAY).status_code == 204
    assert clerk.ask("DELETE", DAY).status_code == 204
    overseer = sign_in("giamsat")
    for action in ("calendar.set_days", "calendar.remove_day"):
        (event,) = overseer.get(f"/api/v1/audit-events?action={action}").json["items"]
        assert event["actor"] == "vanthu"
        assert "2026-03-06" in str(event["details"])

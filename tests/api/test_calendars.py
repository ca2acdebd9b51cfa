"""The calendar and deadlines over the API."""

from __future__ import annotations

import pytest

from tests.api.callers import assert_problem

TABLE = "on,kind,label,source\n2026-01-02,off,Nghỉ hoán đổi,12729/VPCP-KGVX\n"


@pytest.fixture
def clerk(sign_in):
    return sign_in("vanthu")


def test_a_year_is_filled_in_and_read(clerk, sign_in) -> None:
    assert clerk.post("/api/v1/calendar/years", {"year": 2026}).status_code == 201
    items = sign_in("cv.tonghop1").get("/api/v1/calendar/days?year=2026").get_json()["items"]
    tet = next(day for day in items if day["on"] == "2026-02-17")
    assert tet == {
        "on": "2026-02-17",
        "is_working": False,
        "label": "Tết Nguyên đán",
        "source": "BLLĐ 2019 Đ112",
        "decreed_on": None,
        "is_inherited": False,
    }


def test_a_day_is_set_and_taken_back(clerk) -> None:
    address = "/api/v1/calendar/days/2026-03-06"
    body = {"is_working": False, "label": "Nghỉ", "source": "QĐ mẫu"}
    assert clerk.ask("PUT", address, json=body).status_code == 204
    assert clerk.ask("DELETE", address).status_code == 204
    assert_problem(clerk.ask("DELETE", address), 404, "calendar.no_day")
    assert_problem(clerk.ask("PUT", "/api/v1/calendar/days/mai", json=body), 422, "calendar.day")


def test_a_table_is_tried_and_then_imported(clerk) -> None:
    bad = clerk.post("/api/v1/calendar/table", {"csv": TABLE + "2026-02-30,off,x,y\n"}).get_json()
    assert (bad["read"], bad["written"], bad["problems"][0]["line"]) == (1, 0, 3)
    refused = clerk.post("/api/v1/calendar/table", {"csv": TABLE + "x,off,x,y\n", "dry_run": False})
    assert_problem(refused, 422, "calendar.table")
    done = clerk.post("/api/v1/calendar/table", {"csv": TABLE, "dry_run": False}).get_json()
    assert (done["read"], done["written"]) == (1, 1)


def test_a_table_may_tell_the_date_of_each_decision(clerk) -> None:
    table = "on,kind,label,source,decreed_on\n2026-01-02,off,Nghỉ hoán đổi,QĐ mẫu,05/12/2025\n"
    bad = clerk.post("/api/v1/calendar/table", {"csv": table + "2026-01-10,working,Làm bù,QĐ mẫu,hôm qua\n"})
    assert [one["code"] for one in bad.json["problems"]] == ["calendar.decreed_on"]
    open_ended = table + "2026-01-10,working,Làm bù,QĐ mẫu,\n"
    assert clerk.post("/api/v1/calendar/table", {"csv": open_ended, "dry_run": False}).json["written"] == 2
    items = clerk.get("/api/v1/calendar/days?year=2026").json["items"]
    assert [(day["on"], day["decreed_on"]) for day in items] == [
        ("2026-01-02", "2025-12-05"),
        ("2026-01-10", None),
    ]


def test_seasons_are_added_listed_and_removed(clerk) -> None:
    season = {
        "first_on": "2026-04-15",
        "last_on": "2026-10-15",
        "label": "Giờ mùa hè",
        "source": "QĐ mẫu",
        "week": {"1": [["07:00", "11:00"], ["14:00", "17:00"]]},
    }
    made = clerk.post("/api/v1/calendar/seasons", season)
    assert made.status_code == 201
    (item,) = clerk.get("/api/v1/calendar/seasons").get_json()["items"]
    assert item["week"] == season["week"]
    assert clerk.ask("DELETE", f"/api/v1/calendar/seasons/{item['id']}").status_code == 204
    assert_problem(
        clerk.post("/api/v1/calendar/seasons", season | {"week": {"1": [["9", "8"]]}}), 422, "calendar.week"
    )


def test_without_open_deadlines_nothing_moves(clerk) -> None:
    assert clerk.get("/api/v1/calendar/moved-deadlines").get_json() == {"items": []}
    assert clerk.post("/api/v1/calendar/moved-deadlines", {"reason": "Lịch mới"}).get_json() == {"items": []}


def test_the_deadline_of_no_task_is_not_found(clerk) -> None:
    address = "/api/v1/deadlines/019aaaaa-0000-7000-8000-000000000000"
    assert_problem(clerk.get(address), 404, "user_task.not_found")
    assert_problem(clerk.post(address + "/pause", {"reason": "x"}), 404, "user_task.not_found")

"""Posts, guests, units and the agencies below over HTTP."""

from __future__ import annotations

import pytest

from tests.api.callers import Caller, assert_problem

POST = {
    "code": "tp_moi",
    "title": "Trưởng phòng Hành chính",
    "roles": ["unit_head"],
    "unit_code": "hanh_chinh",
}
GUEST = {"full_name": "Lê Khách", "meeting": "Hội nghị 02/3", "until": "2026-03-02T11:30:00+07:00"}


@pytest.fixture
def admin(sign_in) -> Caller:
    return sign_in("quantri")


def test_a_post_is_made_previewed_taken_and_left(admin, sign_in):
    made = admin.post("/api/v1/posts", POST)
    assert (made.status_code, made.json["roles"]) == (201, ["unit_head"])
    query = "on=2026-03-02&ends_others=true"
    preview = admin.get(f"/api/v1/posts/tp_moi/holders/cv.tonghop1/rights?{query}").json
    assert [one["vi"] for one in preview["gains"]] == ["Trưởng đơn vị"]
    taking = {"login": "cv.tonghop1", "from_on": "2026-03-02", "basis": "12-QĐ/TU"}
    holding = admin.post("/api/v1/posts/tp_moi/holders", taking)
    assert holding.status_code == 201
    person = admin.get("/api/v1/accounts/cv.tonghop1").json
    assert person["position"] == "Trưởng phòng Hành chính"
    assert [one["post"] for one in person["posts"]] == ["tp_moi"]
    assert {(one["role"], one["is_from_post"]) for one in person["roles"]} == {
        ("specialist", False),
        ("unit_head", True),
    }
    renamed = admin.ask("PATCH", "/api/v1/posts/tp_moi", json={"title": "Quyền Trưởng phòng"})
    assert renamed.json["holders"][0]["login"] == "cv.tonghop1"
    assert_problem(admin.post("/api/v1/posts/tp_moi/close"), 409, "post.held")
    ended = admin.post(f"/api/v1/posts/holdings/{holding.json['id']}/end", {"last_on": "2026-03-01"})
    assert ended.status_code == 204
    assert admin.post("/api/v1/posts/tp_moi/close").status_code == 204
    assert sign_in("vanthu").get("/api/v1/posts").json["items"] == []
    assert sign_in("vanthu").get("/api/v1/posts/tp_moi").json["is_closed"]


def test_what_is_wrong_with_a_post_is_pointed_at(admin, other_office):
    document = assert_problem(admin.post("/api/v1/posts", {**POST, "roles": ["emperor"]}), 422)
    assert document["errors"][0]["pointer"] == "/roles/0"
    assert_problem(admin.post("/api/v1/posts", {**POST, "unit_code": "van_phong"}), 404, "unit.not_found")
    assert_problem(admin.get("/api/v1/posts/nowhere"), 404, "post.not_found")


def test_a_secretary_admits_a_guest_until_the_meeting_ends(sign_in):
    clerk = sign_in("vanthu")
    made = clerk.post("/api/v1/guests", GUEST)
    assert made.status_code == 201
    login = made.json["login"]
    listed = clerk.get("/api/v1/guests").json["items"]
    assert [(one["login"], one["until"]) for one in listed] == [(login, "2026-03-02T04:30:00Z")]
    later = {"until": "2026-03-02T12:00:00+07:00"}
    assert clerk.ask("PATCH", f"/api/v1/guests/{login}", json=later).status_code == 204
    assert clerk.post(f"/api/v1/guests/{login}/password").json["login"] == login
    assert clerk.post(f"/api/v1/guests/{login}/end").status_code == 204
    assert_problem(clerk.post(f"/api/v1/guests/{login}/password"), 409, "guest.over")
    assert clerk.get("/api/v1/guests").json["items"] == []
    assert_problem(sign_in("cv.tonghop1").post("/api/v1/guests", GUEST), 403, "action.forbidden")


def test_a_first_password_of_a_guest_is_never_kept_for_replay(sign_in):
    clerk, key = sign_in("vanthu"), {"Idempotency-Key": "one"}
    first = clerk.post("/api/v1/guests", GUEST, headers=key).json
    assert clerk.post("/api/v1/guests", GUEST, headers=key).json["login"] != first["login"]


def test_units_are_added_renamed_moved_and_closed(admin):
    assert admin.post("/api/v1/units", {"code": "to_1", "name": "Tổ 1"}).status_code == 201
    changes = {"name": "Tổ một", "parent_code": "tong_hop"}
    assert admin.ask("PATCH", "/api/v1/units/to_1", json=changes).status_code == 204
    units = {one["code"]: one for one in admin.get("/api/v1/units").json["items"]}
    assert (units["to_1"]["name"], units["to_1"]["parent_code"]) == ("Tổ một", "tong_hop")
    document = assert_problem(admin.post("/api/v1/units/tong_hop/close"), 409, "unit.not_empty")
    assert document["left"] == {"units": 1, "roles": 4}
    assert admin.post("/api/v1/units/to_1/close").status_code == 204
    assert "to_1" not in {one["code"] for one in admin.get("/api/v1/units").json["items"]}
    closed = {one["code"]: one for one in admin.get("/api/v1/units?closed=true").json["items"]}
    assert closed["to_1"]["closed_at"]


def test_agencies_are_founded_below_one_s_own_and_listed_by_name(admin, sign_in):
    new = {"code": "xa_an_binh", "name": "Đảng ủy xã An Bình", "side": "party"}
    assert admin.post("/api/v1/agencies", new).status_code == 201
    assert admin.get("/api/v1/agencies").json["items"] == [{**new, "depth": 1, "parent_code": "vptu"}]
    renamed = admin.ask("PATCH", "/api/v1/agency", json={"name": "Văn phòng Tỉnh ủy Sông Hồng"})
    assert renamed.json["name"] == "Văn phòng Tỉnh ủy Sông Hồng"
    assert_problem(sign_in("vanthu").get("/api/v1/agencies"), 403, "action.forbidden")


def test_the_head_of_a_unit_reads_who_may_act_as_what_there(sign_in):
    head = sign_in("tp.tonghop")
    lines = head.get("/api/v1/units/tong_hop/rights").json["items"]
    assert {(line["login"], line["vi"]) for line in lines} >= {("cv.tonghop1", "Chuyên viên")}
    assert_problem(head.get("/api/v1/units/co_yeu/rights"), 404, "unit.not_found")
    assert_problem(head.get("/api/v1/rights"), 403, "action.forbidden")
    assert len(sign_in("giamsat").get("/api/v1/rights").json["items"]) > len(lines)


def test_a_person_is_changed_and_the_agency_has_one_account(admin):
    changed = admin.ask("PATCH", "/api/v1/accounts/vanthu", json={"full_name": "Nguyễn Thị Lan Anh"})
    assert changed.json["full_name"] == "Nguyễn Thị Lan Anh"
    assert admin.post("/api/v1/accounts/of-agency", {"login": "vptu"}).status_code == 201
    assert_problem(
        admin.post("/api/v1/accounts/of-agency", {"login": "vptu2"}), 409, "account.agency_has_one"
    )


def test_who_locks_their_own_account_is_out_at_once(sign_in, admin):
    person, elsewhere = sign_in("vanthu"), sign_in("vanthu")
    assert person.post("/api/v1/accounts/own/lock").status_code == 204
    for caller in (person, elsewhere):
        assert_problem(caller.get("/api/v1/me"), 401, "session.ended")
    assert admin.get("/api/v1/accounts/vanthu").json["locked_at"]

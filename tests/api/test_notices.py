"""A person reads their own notices over the API, and nobody else's."""

from __future__ import annotations

import pytest

from handlers.notices.channel import NoticeChannel
from tests.api.callers import assert_problem


@pytest.fixture
def told(database, office):
    """The specialists of a unit have been told of two documents."""
    with database.unit_of_work(office.system) as unit:
        for subject in ("Kế hoạch 12", "Báo cáo 7"):
            payload = {"kind": "for_information", "subject": subject, "document_id": str(office.agency_id)}
            NoticeChannel().send(unit, "role:specialist@unit:tong_hop", payload, f"key:{subject}")


def test_a_person_lists_and_reads_their_notices(sign_in, told):
    mai = sign_in("cv.tonghop1")
    page = mai.get("/api/v1/notices").get_json()
    assert [item["subject_vi"] for item in page["items"]] == [
        "Gửi để biết: Báo cáo 7",
        "Gửi để biết: Kế hoạch 12",
    ]
    assert page["counts"] == {"unread": 2}
    assert page["items"][0]["object_kind"] == "document"
    first = page["items"][0]["id"]
    assert mai.post(f"/api/v1/notices/{first}/read").get_json()["read_at"]
    page = mai.get("/api/v1/notices").get_json()
    assert [item["read_at"] is None for item in page["items"]] == [True, False]
    assert len(mai.get("/api/v1/notices?unread=true").get_json()["items"]) == 1
    assert mai.post("/api/v1/notices/read-all").get_json() == {"marked": 1}
    assert mai.get("/api/v1/notices").get_json()["counts"] == {"unread": 0}


def test_another_persons_notice_does_not_exist(sign_in, sign_in_elsewhere, told):
    mine = sign_in("cv.tonghop1").get("/api/v1/notices").get_json()["items"][0]["id"]
    for other in (sign_in("cv.tonghop2"), sign_in("quantri"), sign_in_elsewhere("dongson.cv")):
        assert_problem(other.post(f"/api/v1/notices/{mine}/read"), 404, "notice.not_found")
    assert sign_in("cv.tonghop2").post("/api/v1/notices/read-all").get_json() == {"marked": 2}
    assert sign_in("cv.tonghop1").get("/api/v1/notices").get_json()["counts"] == {"unread": 2}
    assert sign_in("quantri").get("/api/v1/notices").get_json()["items"] == []


def test_a_foreign_cursor_is_refused(sign_in, told):
    assert_problem(sign_in("cv.tonghop1").get("/api/v1/notices?cursor=bm8"), 422, "cursor.invalid")


def test_a_person_chooses_how_mail_tells(sign_in):
    mai = sign_in("cv.tonghop1")
    address = "/api/v1/notices/preference"
    assert mai.get(address).get_json()["mail"] == "none"
    wish = {"mail": "digest", "address": "mai@tinhuy.example.vn", "digest_at": "16:45"}
    answer = mai.ask("PUT", address, json=wish | {"quiet_from": "20:00", "quiet_to": "06:00"})
    assert answer.status_code == 200
    assert mai.get(address).get_json() == {
        **wish,
        "language": "vi",
        "quiet_from": "20:00",
        "quiet_to": "06:00",
    }
    assert sign_in("cv.tonghop2").get(address).get_json()["mail"] == "none"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"mail": "each"}, "address.required"),
        ({"mail": "each", "address": "no address"}, "address.invalid"),
        ({"mail": "each", "address": "a@b.vn\r\nBcc: c@d.vn"}, "address.invalid"),
        ({"mail": "none", "quiet_from": "20:00"}, "quiet_hours.half"),
        ({"mail": "sometimes"}, "request.invalid"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(sign_in, wish, code):
    assert_problem(sign_in("cv.tonghop1").ask("PUT", "/api/v1/notices/preference", json=wish), 422, code)

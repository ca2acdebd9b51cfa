"""Registers over HTTP: read, printed and frozen, mended under the line, closed with their year."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pypdfium2
import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from service.domain.ids import new_id
from service.domain.numbering import SeriesKey
from service.domain.registers import LAYOUTS
from service.storage import register
from service.storage.models import Delivery, Document, Draft, RegistryEntry, table_of
from tests.api.callers import assert_problem

ENTRY = table_of(RegistryEntry)
INCOMING = SeriesKey("vptu", "incoming", "2026")
APRIL = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
MARCH = {"form": "incoming", "from": "2026-03-01", "to": "2026-03-31"}


def add_document(unit, **values):
    """Write a document's row and return its id."""
    texts = ("type_name", "code_number", "code_notation", "organ_name", "subject", "description")
    texts += ("signer_position", "signer_name", "category", "to_places")
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "created_at": unit.now,
        "is_public": False,
        "version": 1,
        "trace": [],
        "secrecy": "none",
        "urgency": "normal",
        "direction": "incoming",
        "status": "received",
        "channel": "paper",
        "language": "vi",
    }
    unit.session.execute(insert(table_of(Document)), {**dict.fromkeys(texts, ""), **row, **values})
    return row["id"]


def columns(number, subject="Về việc rà soát quy hoạch"):
    """Return what the incoming register keeps of a document."""
    return {
        "arrival_on": "2026-03-02",
        "author": "Ban Tổ chức Tỉnh ủy",
        "code": f"{number:02d}-CV/BTCTU",
        "issued_on": "2026-02-27",
        "type_name": "Công văn",
        "subject": subject,
        "recipient": None,
        "note": None,
    }


def directed(unit_code, at):
    """Return the line that a leader's direction leaves in a document's trace."""
    return {"kind": "direction", "lead_unit": unit_code, "at": at.isoformat(), "by_name": "Trần Văn Minh"}


@pytest.fixture
def book(database, office):
    """Three arrivals of March in the provincial office's book; the second voided, the third gone to a unit."""
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        for number in (1, 2, 3):
            trace = [directed("tong_hop", unit.now)] if number == 3 else []
            register.enter(unit, INCOMING, add_document(unit, trace=trace), columns(number))
    return INCOMING


@pytest.fixture
def clerk(sign_in):
    """The clerk."""
    return sign_in("vanthu")


def only_book(caller):
    """Return the one book there is."""
    (found,) = caller.get("/api/v1/registers").get_json()["items"]
    return found


def lines_of(caller, book_id, query=""):
    """Return the lines of a book."""
    return caller.get(f"/api/v1/registers/{book_id}/lines{query}").get_json()["items"]


@pytest.fixture
def in_april(clock, sign_in):
    """Return a function that lets March be over and gives the clerk of that morning."""

    def move():
        clock.set(APRIL)
        return sign_in("vanthu")

    return move


def test_a_book_is_listed_with_its_numbers_and_what_is_printed(clerk, book):
    found = only_book(clerk)
    assert (found["issuing_body"], found["book"], found["period"]) == ("vptu", "incoming", "2026")
    assert (found["last_number"], found["voided_count"], found["printed_to"]) == (3, 0, None)
    assert found["forms"] == ["incoming", "handling"]
    assert clerk.get(f"/api/v1/registers/{found['id']}").get_json() == found


@pytest.mark.clause("S4-11.2c")
def test_lines_have_the_columns_of_the_decree_searched_and_paged(clerk, book):
    book_id = only_book(clerk)["id"]
    lines = lines_of(clerk, book_id)
    keys = {column.key for column in LAYOUTS["incoming"].columns} - {"receipt", "transferred_on"}
    assert keys <= lines[0]["columns"].keys()
    assert lines[2]["columns"]["recipient"] == "Phòng Tổng hợp"
    assert lines[2]["columns"]["transferred_on"] == "2026-03-02"
    (found,) = lines_of(clerk, book_id, "?text=02-cv")
    assert found["number"] == 2
    first = clerk.get(f"/api/v1/registers/{book_id}/lines?limit=2").get_json()
    rest = clerk.get(f"/api/v1/registers/{book_id}/lines?limit=2&cursor={first['next_cursor']}").get_json()
    assert [line["number"] for line in first["items"] + rest["items"]] == [1, 2, 3]
    assert lines_of(clerk, book_id, "?from=2026-03-03") == []
    handling = lines_of(clerk, book_id, "?form=handling")[0]["columns"]
    assert handling["source"] == "Công văn 01-CV/BTCTU, ngày 27/02/2026, Ban Tổ chức Tỉnh ủy"
    assert handling["progress"] == "Đã tiếp nhận"


@pytest.mark.clause("S1-4.2d4", "S3-7.2d4")
def test_a_printed_quarter_has_a_cover_and_every_line_on_paper_and_in_the_sheet(clerk, book, in_april):
    book_id = only_book(clerk)["id"]
    clerk = in_april()
    order = {"form": "incoming", "from": "2026-01-01", "to": "2026-03-31"}
    made = clerk.post(f"/api/v1/registers/{book_id}/prints", order)
    assert made.status_code == 201
    answer = made.get_json()
    assert (answer["label"], answer["line_count"]) == ("Quý I năm 2026", 3)
    assert (answer["first_number"], answer["last_number"], answer["made_by"]) == (1, 3, "Nguyễn Thị Lan")
    pdf = clerk.get(f"/api/v1/register-prints/{answer['id']}/file")
    assert pdf.mimetype == "application/pdf"
    cover, page = [one.get_textpage().get_text_bounded() for one in pypdfium2.PdfDocument(pdf.data)]
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN" in cover
    assert "Quý I năm 2026" in cover
    assert "Từ số 01 đến số 03" in cover
    for number in (1, 2, 3):
        assert f"{number:02d}-CV/BTCTU" in page
    sheet = clerk.get(f"/api/v1/register-prints/{answer['id']}/file?format=xlsx")
    cells = load_workbook(BytesIO(sheet.data))["Sổ"]
    headings = [column.vi for column in LAYOUTS["incoming"].columns]
    assert [cell.value for cell in cells[1]] == headings
    assert [cells.cell(row, 2).value for row in (3, 4, 5)] == ["01", "02", "03"]
    assert only_book(clerk)["printed_to"] == "2026-03-31"


def test_a_text_that_looks_like_a_formula_stays_a_text(clerk, database, office, in_april):
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        register.enter(unit, INCOMING, add_document(unit), columns(1, '=HYPERLINK("http://x")'))
    book_id = only_book(clerk)["id"]
    clerk.post(
        f"/api/v1/registry-entries/{lines_of(clerk, book_id)[0]['entry_id']}/corrections",
        {"columns": {"note": "=1+1"}, "reason": "thử"},
    )
    clerk = in_april()
    answer = clerk.post(f"/api/v1/registers/{book_id}/prints", MARCH).get_json()
    sheet = clerk.get(f"/api/v1/register-prints/{answer['id']}/file?format=xlsx")
    note = load_workbook(BytesIO(sheet.data))["Sổ"].cell(3, 10)
    assert (note.value, note.data_type) == ("=1+1", "s")


@pytest.mark.clause("S1-4.2d4")
def test_a_printed_line_is_mended_by_an_addendum_only(clerk, book, in_april):
    book_id = only_book(clerk)["id"]
    entry = lines_of(clerk, book_id)[0]["entry_id"]
    mended = clerk.post(
        f"/api/v1/registry-entries/{entry}/corrections",
        {"columns": {"note": "Kèm 01 phụ lục"}, "reason": "Ghi sót"},
    )
    assert mended.status_code == 201
    assert (mended.get_json()["columns"]["note"], mended.get_json()["addenda"]) == ("Kèm 01 phụ lục", [])
    clerk = in_april()
    assert clerk.post(f"/api/v1/registers/{book_id}/prints", MARCH).status_code == 201
    late = {"columns": {"note": "Kèm 02 phụ lục"}, "reason": "Đếm lại"}
    line = clerk.post(f"/api/v1/registry-entries/{entry}/corrections", late).get_json()
    assert line["columns"]["note"] == "Kèm 01 phụ lục"
    (addendum,) = line["addenda"]
    assert addendum["columns"] == late["columns"]
    assert (addendum["reason"], addendum["by_name"]) == ("Đếm lại", "Nguyễn Thị Lan")
    quarter = {"form": "incoming", "from": "2026-01-01", "to": "2026-03-31"}
    again = clerk.post(f"/api/v1/registers/{book_id}/prints", quarter).get_json()
    page = pypdfium2.PdfDocument(clerk.get(f"/api/v1/register-prints/{again['id']}/file").data)[1]
    text = " ".join(page.get_textpage().get_text_bounded().split())
    assert "Kèm 01 phụ lục" in text
    assert "Bổ sung ngày 01/04/2026 (Nguyễn Thị Lan): Ghi chú: Kèm 02 phụ lục. Lý do: Đếm lại" in text


def test_what_is_printed_stays_although_the_document_goes_on(clerk, book, database, office, in_april):
    book_id = only_book(clerk)["id"]
    clerk = in_april()
    clerk.post(f"/api/v1/registers/{book_id}/prints", MARCH)
    with database.unit_of_work(office.system) as unit:
        table = table_of(Document)
        unit.session.execute(table.update().values(trace=[directed("hanh_chinh", unit.now)]))
    columns_now = lines_of(clerk, book_id)[2]["columns"]
    assert (columns_now["recipient"], columns_now["transferred_on"]) == ("Phòng Tổng hợp", "2026-03-02")


def test_a_number_that_is_voided_after_its_line_was_printed_stands_there_with_an_addendum(
    clerk, book, in_april
):
    book_id = only_book(clerk)["id"]
    clerk = in_april()
    assert clerk.post(f"/api/v1/registers/{book_id}/prints", MARCH).status_code == 201
    entry = lines_of(clerk, book_id)[1]["entry_id"]
    assert (
        clerk.post(f"/api/v1/registry-entries/{entry}/void", {"reason": "Vào sổ hai lần"}).status_code == 200
    )
    line = lines_of(clerk, book_id)[1]
    assert (line["state"], line["void_reason"]) == ("voided", "Vào sổ hai lần")
    (addendum,) = line["addenda"]
    assert (addendum["columns"], addendum["reason"]) == ({"note": "Số này đã hủy"}, "Vào sổ hai lần")
    assert addendum["at"].startswith("2026-04-01")


@pytest.mark.clause("S4-11.2c")
def test_the_books_tell_of_the_way_out_and_of_the_answer(clerk, book, database, office):
    """Columns 7 to 9 of the outgoing register, column 6 of the register of handling (Phụ lục IV)."""
    body, me = office.bodies["vptu"], office.accounts["vanthu"]
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        first = unit.session.execute(select(ENTRY.c.document_id).where(ENTRY.c.number == 1)).scalar_one()
        out = {"direction": "outgoing", "status": "issued", "code_number": "07", "code_notation": "CV/VPTU"}
        answer = add_document(unit, **out)
        draft = {"document_id": answer, "agency_id": office.agency_id, "profile": "party", "type_code": "CV"}
        draft |= {"profile_from": unit.now.date(), "issuing_body_id": body, "drafter_id": me, "capacity": ""}
        draft |= {"signer_position": "", "fields": {}, "origin": "upload", "current_version": 1}
        unit.session.execute(insert(table_of(Draft)), {**draft, "answers_id": first})
        key = SeriesKey("vptu", "outgoing:CV", "2025-2030")
        register.enter(unit, key, answer, {"code": "07-CV/VPTU", "transferred_on": None, "receipt": None})
        for number, (channel, state) in enumerate(
            (("http", "arrived"), ("internal", "received"), ("paper", "sent"))
        ):
            row = {
                "id": new_id(unit.now),
                "agency_id": office.agency_id,
                "document_id": answer,
                "attempts": 1,
            }
            row |= {
                "receiver_kind": "partner",
                "receiver_key": str(number),
                "receiver_name": "Ban",
                "purpose": "to",
            }
            row |= {
                "channel": channel,
                "business_type": 0,
                "exchange_id": "x",
                "urgency": "normal",
                "state": state,
            }
            row |= {"last_note": "", "created_at": unit.now, "sent_at": unit.now}
            unit.session.execute(insert(table_of(Delivery)), row)
    books = {one["book"]: one["id"] for one in clerk.get("/api/v1/registers").get_json()["items"]}
    (sent,) = lines_of(clerk, books["outgoing:CV"])
    told = [sent["columns"][name] for name in ("transferred_on", "receipt", "copies")]
    assert told == ["2026-03-02", "Đủ 2 nơi nhận", "1"]
    handled = lines_of(clerk, books["incoming"], "?form=handling")
    assert [line["columns"].get("reply") for line in handled] == ["07-CV/VPTU", None, None]


def test_only_days_that_are_over_are_printed_and_once(clerk, book, in_april):
    book_id = only_book(clerk)["id"]
    path = f"/api/v1/registers/{book_id}/prints"
    assert_problem(clerk.post(path, MARCH), 422, "register.range_open")
    clerk = in_april()
    assert_problem(clerk.post(path, {**MARCH, "to": "2026-02-01"}), 422, "register.range")
    assert_problem(clerk.post(path, {**MARCH, "from": "2020-01-01"}), 422, "register.range")
    assert_problem(clerk.post(path, {**MARCH, "form": "outgoing"}), 422, "register.form")
    assert clerk.post(path, MARCH).status_code == 201
    assert_problem(clerk.post(path, MARCH), 409, "register.printed")
    assert [one["label"] for one in clerk.get(path).get_json()["items"]] == ["Tháng 3 năm 2026"]


@pytest.mark.clause("S1-4.2d4", "S3-7.2d4")
def test_a_print_is_signed_and_bound_once(clerk, book, in_april):
    book_id = only_book(clerk)["id"]
    clerk = in_april()
    made = clerk.post(f"/api/v1/registers/{book_id}/prints", MARCH).get_json()
    path = f"/api/v1/register-prints/{made['id']}/binding"
    bound = {"printed_on": "2026-04-01", "signed_by": "Nguyễn Thị Lan", "volume": "Quyển 1"}
    assert_problem(clerk.post(path, {**bound, "printed_on": "2026-04-02"}), 422, "register.printed_on")
    answer = clerk.post(path, bound).get_json()
    assert (answer["printed_on"], answer["signed_by"], answer["volume"]) == tuple(bound.values())
    assert_problem(clerk.post(path, bound), 409, "register_print.marked")


def test_numbers_are_never_mended(clerk, book):
    entry = lines_of(clerk, only_book(clerk)["id"])[0]["entry_id"]
    path = f"/api/v1/registry-entries/{entry}/corrections"
    assert_problem(clerk.post(path, {"columns": {"number": "9"}, "reason": "x"}), 422, "register.column")
    assert_problem(clerk.post(path, {"columns": {}, "reason": "x"}), 422, "register.nothing")
    assert_problem(clerk.post(path, {"columns": {"note": "a"}, "reason": " "}), 422, "reason.required")


def test_a_book_is_closed_when_its_year_is_over(clerk, book, clock, sign_in):
    path = f"/api/v1/registers/{only_book(clerk)['id']}/close"
    assert_problem(clerk.post(path), 409, "register.running")
    clock.set(datetime(2027, 1, 4, 1, 0, tzinfo=UTC))
    clerk = sign_in("vanthu")
    assert clerk.post(path).get_json()["closed_at"]
    assert_problem(clerk.post(path), 409, "register.closed")


def test_the_book_of_the_next_year_opens_at_01(book, clock, sign_in, database, office):
    clock.set(datetime(2027, 1, 4, 1, 0, tzinfo=UTC))
    clerk = sign_in("vanthu")
    assert clerk.post(f"/api/v1/registers/{only_book(clerk)['id']}/close").status_code == 200
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        key = SeriesKey("vptu", "incoming", "2027")
        assert register.enter(unit, key, add_document(unit), columns(1)).number == 1
    books = {one["period"]: one for one in clerk.get("/api/v1/registers").get_json()["items"]}
    assert books["2026"]["closed_at"] is not None
    assert books["2027"]["closed_at"] is None


def test_registers_are_for_those_who_keep_them(sign_in, sign_in_elsewhere, clerk, book):
    book_id = only_book(clerk)["id"]
    assert_problem(sign_in("cv.tonghop1").get("/api/v1/registers"), 403, "action.forbidden")
    head = sign_in("chanhvp")
    assert head.get(f"/api/v1/registers/{book_id}").status_code == 200
    entry = lines_of(clerk, book_id)[0]["entry_id"]
    mended = {"columns": {"note": "a"}, "reason": "x"}
    assert_problem(head.post(f"/api/v1/registry-entries/{entry}/corrections", mended), 403)
    stranger = sign_in_elsewhere("dongson.vanthu")
    assert stranger.get("/api/v1/registers").get_json()["items"] == []
    assert_problem(stranger.get(f"/api/v1/registers/{book_id}"), 404, "register.not_found")
    assert_problem(
        stranger.post(f"/api/v1/registry-entries/{entry}/corrections", mended),
        404,
        "registry_entry.not_found",
    )


def test_the_secret_book_is_shown_to_clerk_and_leaders_only(sign_in, database, office, clerk, in_april):
    secret = SeriesKey("vptu", "incoming_secret", "2026")
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        register.enter(unit, secret, add_document(unit, secrecy="secret"), {**columns(1), "subject": None})
    book_id = only_book(clerk)["id"]
    supervisor = sign_in("giamsat")
    assert supervisor.get("/api/v1/registers").get_json()["items"] == []
    assert_problem(supervisor.get(f"/api/v1/registers/{book_id}/lines"), 404, "register.not_found")
    clerk = in_april()
    made = clerk.post(f"/api/v1/registers/{book_id}/prints", MARCH).get_json()
    path = f"/api/v1/register-prints/{made['id']}/file"
    assert_problem(sign_in("giamsat").get(path), 404, "register_print.not_found")

"""Leader, number, date, seal and copies on one PDF, judged by two verifiers."""

from __future__ import annotations

import re
import tracemalloc
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from handlers.signing.approve import approve
from handlers.signing.fields import prepare
from handlers.signing.keys import Pkcs12Key
from handlers.signing.pdf_objects import form
from handlers.signing.seal import seal, sign_annex, sign_copy
from handlers.signing.typeface import find_typeface, find_typefaces
from service.domain.errors import Conflict, InvalidInput
from service.domain.signatures import SignatureLayout
from tests.handlers.signing.desk import AT, LAYOUT, NUMBERS, Desk, page_text, pdfsig
from tests.pdf_files import plain_pdf

WHOLE = "Signature is Valid. Total document signed"
EARLIER = "Signature is Valid. Not total document signed"


def full_chain(desk: Desk) -> bytes:
    stream = desk.prepared()
    approve(stream, "initials_1", desk.aide, image=None, at=AT)
    approve(stream, "leader", desk.leader, image=desk.blue, at=AT)
    desk.put_seal(stream)
    sign_copy(stream, desk.agency, form="SY", agency="Tỉnh ủy Thử Nghiệm", typeface=find_typeface(), at=AT)
    return stream.getvalue()


@pytest.mark.clause("S0-4.3", "S0-10.1")
def test_every_signature_of_the_chain_is_valid_for_both_verifiers(desk: Desk, tmp_path: Path) -> None:
    content = full_chain(desk)

    report = desk.inspect(content, tmp_path)

    assert report["verdict"] == "valid", report
    assert report["reasons"] == []
    assert [one["field"] for one in report["signatures"]] == ["initials_1", "leader", "seal", "copy"]
    assert {(one["integrity"], one["trust"], one["revocation"]) for one in report["signatures"]} == {
        ("intact", "trusted", "good")
    }
    assert report["signatures"][-1]["coverage"] == "entire_file"
    assert pdfsig(content, tmp_path) == {
        "initials_1": EARLIER,
        "leader": EARLIER,
        "seal": EARLIER,
        "copy": WHOLE,
    }


def test_number_and_date_stand_on_the_page_and_belong_to_the_revision_of_the_seal(
    desk: Desk, tmp_path: Path
) -> None:
    approved = desk.approved()
    before = len(approved.getvalue())
    desk.put_seal(approved)
    content = approved.getvalue()

    report = desk.inspect(content, tmp_path)

    assert report["verdict"] == "valid"
    assert re.search(r"05\s+02\s+03", page_text(content, tmp_path))
    leader, agency = report["signatures"]
    assert agency["signed_revision"] == leader["signed_revision"] + 1
    assert set(NUMBERS) <= set(leader["changed_fields"])
    assert content[:before] != content
    assert pdfsig(content[:before], tmp_path) == {"leader": WHOLE}


def test_the_signed_at_time_is_told_in_the_zone_of_the_office(desk: Desk, tmp_path: Path) -> None:
    report = desk.inspect(desk.approved().getvalue(), tmp_path)

    assert report["signatures"][0]["signed_at"] == "2026-03-02T09:30:05+07:00"


def test_a_number_changed_after_the_seal_breaks_the_seal_but_not_the_leaders_signature(
    desk: Desk, tmp_path: Path
) -> None:
    stream = desk.sealed()
    writer = IncrementalPdfFileWriter(stream)
    field = next(
        one.get_object()
        for one in writer.root["/AcroForm"]["/Fields"]
        if one.get_object().get("/T") == "number"
    )
    field["/V"] = generic.TextStringObject("99")
    writer.update_container(field)
    writer.write_in_place()

    report = desk.inspect(stream.getvalue(), tmp_path)

    assert report["verdict"] == "invalid"
    assert {one["field"]: one["later_changes"] for one in report["signatures"]} == {
        "leader": "permitted",
        "seal": "forbidden",
    }


def test_a_painted_unsigned_copy_field_is_not_mistaken_for_the_document(desk: Desk, tmp_path: Path) -> None:
    stream = desk.sealed()
    writer = IncrementalPdfFileWriter(stream)
    field = next(
        one.get_object()
        for one in writer.root["/AcroForm"]["/Fields"]
        if one.get_object().get("/T") == "copy"
    )
    paint = writer.add_object(form(200, 40, b"1 1 1 rg 0 0 200 40 re f", {}))
    field["/AP"] = generic.DictionaryObject({generic.pdf_name("/N"): paint})
    writer.update_container(field)
    writer.write_in_place()

    report = desk.inspect(stream.getvalue(), tmp_path)

    assert report["verdict"] == "invalid"
    assert "painted_unsigned_field" in report["reasons"]


def test_bytes_after_the_end_are_found(desk: Desk, tmp_path: Path) -> None:
    content = desk.sealed().getvalue()

    report = desk.inspect(content + b"\n% more\n", tmp_path)

    assert report["verdict"] == "invalid"
    assert "not_covered_to_the_end" in report["reasons"]


def test_a_changed_word_is_found_by_both_verifiers(desk: Desk, tmp_path: Path) -> None:
    content = desk.sealed().getvalue().replace(b"Van ban thu nghiem", b"Van ban gia mao !!")

    report = desk.inspect(content, tmp_path)

    assert report["integrity"] == "broken"
    assert set(pdfsig(content, tmp_path).values()) == {
        "Digest Mismatch. Total document signed",
        "Digest Mismatch. Not total document signed",
    }


def test_a_revoked_agency_certificate_is_found(desk: Desk, tmp_path: Path) -> None:
    stolen = desk.authority.issue_agency("Cơ quan mất khóa", "000.00.02.T99")
    key = Pkcs12Key.open(desk.authority.pack(stolen, "a"), "a")
    stream = desk.approved()
    seal(stream, key, texts=NUMBERS, image=desk.red, typefaces=find_typefaces(), at=AT)
    desk.authority.revoke(stolen, AT - timedelta(hours=1))
    desk.authority.save_trust(tmp_path / "trust", AT)

    report = desk.inspect(stream.getvalue(), tmp_path, trust=tmp_path / "trust")

    assert report["verdict"] == "invalid"
    assert [one["revocation"] for one in report["signatures"]] == ["good", "revoked"]


def test_a_number_cannot_be_filled_before_the_leader_has_signed(desk: Desk) -> None:
    with pytest.raises(Conflict) as caught:
        desk.put_seal(desk.prepared())

    assert caught.value.code == "seal.before_leader"


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        ({"number": "05", "day": "02"}, ["seal.missing_text"]),
        (NUMBERS | {"number": " "}, ["seal.missing_text"]),
        (NUMBERS | {"number": "0\n5"}, ["seal.missing_text"]),
        (NUMBERS | {"year": "2026"}, ["seal.unknown_text"]),
    ],
)
def test_number_and_date_are_filled_wholly_or_not_at_all(
    desk: Desk, texts: dict[str, str], codes: list[str]
) -> None:
    stream = desk.approved()
    before = stream.getvalue()

    with pytest.raises(InvalidInput) as caught:
        desk.put_seal(stream, texts=texts)

    assert [one.code for one in caught.value.findings] == codes
    assert stream.getvalue() == before


def test_nothing_is_signed_or_sealed_twice(desk: Desk) -> None:
    stream = desk.sealed()

    with pytest.raises(Conflict) as by_leader:
        approve(stream, "leader", desk.leader, image=desk.blue, at=AT)
    with pytest.raises(Conflict) as by_agency:
        desk.put_seal(stream, texts={})

    assert by_leader.value.code == by_agency.value.code == "signature.already_signed"


def test_a_person_cannot_sign_in_the_place_of_the_seal(desk: Desk) -> None:
    with pytest.raises(Conflict) as caught:
        approve(desk.approved(), "seal", desk.leader, image=desk.blue, at=AT)

    assert caught.value.code == "signature.wrong_field"


def test_a_copy_is_made_only_of_an_issued_document(desk: Desk) -> None:
    with pytest.raises(Conflict) as caught:
        sign_copy(desk.approved(), desk.agency, form="SY", agency="A", typeface=find_typeface(), at=AT)

    assert caught.value.code == "copy.not_issued"


def test_two_leaders_of_a_joint_document_sign_in_any_order(desk: Desk, tmp_path: Path) -> None:
    data = LAYOUT.to_json()
    second = dict(data["slots"][1], name="leader_2", box=[80, 250, 200, 320])
    layout = SignatureLayout.from_json({"slots": [*data["slots"], second]})
    stream = desk.prepared(layout)
    approve(stream, "leader_2", desk.aide, image=desk.blue, at=AT)
    with pytest.raises(Conflict):
        desk.put_seal(stream)
    approve(stream, "leader", desk.leader, image=desk.blue, at=AT)
    desk.put_seal(stream)

    report = desk.inspect(stream.getvalue(), tmp_path)

    assert report["verdict"] == "valid", report["reasons"]
    assert [one["field"] for one in report["signatures"]] == ["leader_2", "leader", "seal"]


def test_an_annex_carries_number_and_time_in_its_corner_and_no_image(desk: Desk, tmp_path: Path) -> None:
    stream = BytesIO(plain_pdf("Phu luc"))

    sign_annex(stream, desk.agency, code="05/QĐ-TU", typeface=find_typeface(), at=AT)

    content = stream.getvalue()
    text = page_text(content, tmp_path)
    assert "05/QĐ-TU" in text
    assert "02/03/2026 09:30:05 +07:00" in text
    assert b"/Subtype /Image" not in content
    assert desk.inspect(content, tmp_path)["verdict"] == "valid"
    assert pdfsig(content, tmp_path) == {"seal": WHOLE}
    with pytest.raises(Conflict):
        sign_annex(stream, desk.agency, code="05/QĐ-TU", typeface=find_typeface(), at=AT)


def test_fields_are_made_only_in_a_document_that_has_none(desk: Desk) -> None:
    with pytest.raises(Conflict) as caught:
        prepare(desk.prepared(), LAYOUT)

    assert caught.value.code == "signature.already_prepared"


@pytest.mark.parametrize("content", [b"", b"not a PDF", plain_pdf()[:300]])
def test_a_broken_file_is_refused_in_our_own_words(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        prepare(BytesIO(content), LAYOUT)

    assert caught.value.code == "pdf.unreadable"


def test_a_place_outside_the_page_is_refused(desk: Desk) -> None:
    data = LAYOUT.to_json()
    data["slots"][1]["box"] = [500, 250, 700, 300]
    data["slots"][2]["page"] = 7
    layout = SignatureLayout.from_json(data)

    with pytest.raises(InvalidInput) as caught:
        desk.prepared(layout)

    assert [one.pointer for one in caught.value.findings] == ["/slots/1", "/slots/2"]


def test_a_document_without_a_copy_field_is_closed_after_the_seal(desk: Desk, tmp_path: Path) -> None:
    layout = SignatureLayout(tuple(one for one in LAYOUT.slots if one.name not in {"copy", "initials_1"}))
    stream = desk.sealed(layout)

    assert desk.inspect(stream.getvalue(), tmp_path)["verdict"] == "valid"
    with pytest.raises(Conflict) as caught:
        sign_copy(stream, desk.agency, form="SY", agency="A", typeface=find_typeface(), at=AT)
    assert caught.value.code == "signature.no_field"


def test_a_large_file_is_signed_without_being_held_in_memory(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(plain_pdf("x" * 20_000_000))
    tracemalloc.start()
    try:
        with path.open("r+b") as file:
            prepare(file, LAYOUT)
            approve(file, "leader", desk.leader, image=desk.blue, at=AT)
            desk.put_seal(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8_000_000
    assert pdfsig(path.read_bytes(), tmp_path) == {"leader": EARLIER, "seal": WHOLE}

"""Foreign PDFs: four separate answers about their signatures, and a bounded price for hostile ones."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from handlers.resources import InspectionLimits
from handlers.signing.inspection import inspect_pdf
from tests.demo_ca import DemoCA, Identity
from tests.harness import OPENING
from tests.pdf_files import plain_pdf

MOMENT = OPENING
FOUR = ("integrity", "trust", "revocation", "later_changes")


@pytest.fixture(scope="module")
def ca() -> DemoCA:
    return DemoCA(MOMENT)


@pytest.fixture(scope="module")
def leader(ca: DemoCA) -> Identity:
    return ca.issue("Nguyễn Văn An")


@pytest.fixture(scope="module")
def signed(ca: DemoCA, leader: Identity) -> bytes:
    return ca.sign(plain_pdf(), leader)


@pytest.fixture
def trust(ca: DemoCA, tmp_path: Path) -> Path:
    return ca.write_trust(tmp_path / "trust")


def _inspect(tmp_path: Path, pdf: bytes, trust: Path | None, limits: InspectionLimits | None = None):
    path = tmp_path / "file.pdf"
    path.write_bytes(pdf)
    return inspect_pdf(path, trust, MOMENT, limits or InspectionLimits())


def _answers(report) -> tuple:
    return tuple(report[name] for name in FOUR)


@pytest.mark.clause("S0-6.1b", "S3-10.3", "S4-8")
def test_a_good_signature_gets_four_good_answers(tmp_path, signed, trust) -> None:
    report = _inspect(tmp_path, signed, trust)
    assert report["verdict"] == "valid"
    assert _answers(report) == ("intact", "trusted", "good", "none")
    (one,) = report["signatures"]
    assert one["signer"] == "Nguyễn Văn An"
    assert one["organisation"] == "Tỉnh ủy (mẫu)"
    assert report["reasons"] == []


def test_two_signatures_one_after_the_other_are_valid_together(tmp_path, ca, signed, trust) -> None:
    twice = ca.sign(signed, ca.issue("Văn phòng Tỉnh ủy"), "AgencySeal")
    report = _inspect(tmp_path, twice, trust)
    assert report["verdict"] == "valid"
    assert [one["later_changes"] for one in report["signatures"]] == ["permitted", "none"]


@pytest.mark.clause("S0-6.1b")
def test_a_flipped_byte_breaks_integrity(tmp_path, signed, trust) -> None:
    place = signed.index(b"Van ban")
    report = _inspect(tmp_path, signed[:place] + b"Xan" + signed[place + 3 :], trust)
    assert report["verdict"] == "invalid"
    assert report["integrity"] == "broken"
    assert "broken" in report["reasons"]


def test_an_annotation_added_later_is_a_change_after_signing(tmp_path, signed, trust) -> None:
    report = _inspect(tmp_path, _with_note(signed), trust)
    assert report["verdict"] == "invalid"
    assert report["integrity"] == "intact"
    assert report["later_changes"] == "forbidden"
    assert "changed_after_signing" in report["reasons"]


def test_junk_behind_the_end_is_not_covered(tmp_path, signed, trust) -> None:
    report = _inspect(tmp_path, signed + b"\n% them vao sau\n", trust)
    assert report["verdict"] == "invalid"
    assert "not_covered_to_the_end" in report["reasons"]


def test_an_empty_signature_field_that_draws_something_spoils_the_document(
    tmp_path, ca, leader, trust
) -> None:
    report = _inspect(tmp_path, _with_painted_field(ca.sign(plain_pdf(), leader)), trust)
    assert report["verdict"] == "invalid"
    assert "painted_unsigned_field" in report["reasons"]


def test_an_unknown_authority_of_the_same_name_is_not_trusted(tmp_path, trust) -> None:
    rogue = DemoCA(MOMENT)
    report = _inspect(tmp_path, rogue.sign(plain_pdf(), rogue.issue("Nguyễn Văn An")), trust)
    assert report["verdict"] == "indeterminate"
    assert (report["integrity"], report["trust"]) == ("intact", "untrusted")


def test_without_trust_anchors_nothing_is_trusted_not_even_what_the_system_trusts(tmp_path, signed) -> None:
    report = _inspect(tmp_path, signed, None)
    assert report["verdict"] == "indeterminate"
    assert {"untrusted", "no_trust_anchor"} <= set(report["reasons"])


def test_without_a_revocation_list_revocation_stays_unknown(tmp_path, ca, signed) -> None:
    report = _inspect(tmp_path, signed, ca.write_trust(tmp_path / "trust", with_crl=False))
    assert report["verdict"] == "indeterminate"
    assert _answers(report) == ("intact", "trusted", "unknown", "none")


def test_a_revoked_certificate_makes_it_invalid(tmp_path) -> None:
    ca = DemoCA(MOMENT)
    thief = ca.issue("Chứng thư bị thu hồi")
    ca.revoke(thief)
    report = _inspect(tmp_path, ca.sign(plain_pdf(), thief), ca.write_trust(tmp_path / "trust"))
    assert report["verdict"] == "invalid"
    assert report["revocation"] == "revoked"


@pytest.mark.clause("S3-5.2")
def test_an_unsigned_file_is_called_unsigned(tmp_path, trust) -> None:
    report = _inspect(tmp_path, plain_pdf(), trust)
    assert report["verdict"] == "unsigned"
    assert _answers(report) == (None, None, None, None)


def test_an_encrypted_file_is_told_apart(tmp_path, trust) -> None:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(plain_pdf())))
    writer.encrypt(owner_pass="a", user_pass="b")
    out = io.BytesIO()
    writer.write(out)
    assert _inspect(tmp_path, out.getvalue(), trust)["verdict"] == "encrypted"


@pytest.mark.parametrize(
    "pdf",
    [b"", b"%PDF-1.7\n", b"\x00" * 5000, plain_pdf()[:200], plain_pdf().replace(b"/Pages 2", b"/Pages 1")],
    ids=["empty", "only a head", "zeros", "cut off", "loop"],
)
def test_a_damaged_file_is_unreadable_or_unsigned_never_an_error(tmp_path, trust, pdf) -> None:
    assert _inspect(tmp_path, pdf, trust)["verdict"] in {"unreadable", "unsigned"}


def test_a_file_that_never_ends_is_given_up_after_the_time_limit(tmp_path, trust) -> None:
    endless = tmp_path / "endless.pdf"
    os.mkfifo(endless)
    report = inspect_pdf(endless, trust, MOMENT, InspectionLimits(time=timedelta(seconds=1)))
    assert (report["verdict"], report["reasons"]) == ("unreadable", ["time_limit"])


def test_a_file_that_needs_too_much_memory_is_given_up(tmp_path, signed, trust) -> None:
    report = _inspect(tmp_path, signed, trust, InspectionLimits(memory_bytes=64 * 1024 * 1024))
    assert report["verdict"] == "unreadable"


def _with_note(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 100, 200, 150))),
            pdf_name("/Contents"): generic.pdf_string("them vao"),
        }
    )
    notes = page.get("/Annots", generic.ArrayObject())
    notes.append(writer.add_object(note))
    page["/Annots"] = notes
    writer.update_container(page)
    return _written(writer)


def _with_painted_field(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    append_signature_field(writer, SigFieldSpec("Cover", box=(60, 740, 300, 790)))
    field = writer.root["/AcroForm"]["/Fields"][-1]
    paint = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 240, 50))),
        },
        stream_data=b"1 1 1 rg 0 0 240 50 re f",
    )
    field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(paint)})
    writer.update_container(field)
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()

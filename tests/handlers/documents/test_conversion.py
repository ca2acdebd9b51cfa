"""A DOCX is converted only if it is harmless, within limits, by a LibreOffice that is installed."""

from __future__ import annotations

import time
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import psutil
import pytest

from handlers.documents.conversion import convert_docx, find_converter
from handlers.documents.office_files import check_office_file
from handlers.documents.page_checks import check_pages
from handlers.documents.placing import find_places
from handlers.documents.reading import read_pdf
from handlers.resources import InspectionLimits
from service.domain.errors import InvalidInput, Unavailable
from tests.handlers.documents.office_files import docx, external, letter
from tests.handlers.documents.pages import LETTER, LONG

needs_office = pytest.mark.skipif(find_converter() is None, reason="LibreOffice is not installed")


@pytest.fixture
def save(tmp_path: Path):
    def _save(content: bytes) -> Path:
        path = tmp_path / "a.docx"
        path.write_bytes(content)
        return path

    return _save


def bomb() -> bytes:
    buffer = BytesIO(docx())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/zeros.bin", b"\0" * 20 * 1024**2)
    return buffer.getvalue()


def test_an_ordinary_file_and_a_link_that_a_reader_clicks_are_taken(save) -> None:
    check_office_file(save(docx()))
    check_office_file(save(docx(relations=external("hyperlink"))))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (docx(more={"word/vbaProject.bin": b"x"}), "file.macros"),
        (docx(more={"word/embeddings/oleObject1.bin": b"x"}), "file.macros"),
        (docx(more={"word/activeX/activeX1.xml": b"<x/>"}), "file.macros"),
        (docx(relations=external("attachedTemplate")), "file.external_link"),
        (docx(relations=external("image", "file:///etc/passwd")), "file.external_link"),
        (docx(relations=external("oleObject")), "file.external_link"),
        (docx(relations="<Relationship"), "file.broken"),
        (docx(relations='<!DOCTYPE a [<!ENTITY b "c">]>'), "file.broken"),
        (bomb(), "file.bomb"),
        (b"PK\x03\x04 broken", "file.broken"),
        (docx()[:400], "file.broken"),
    ],
    ids=["vba", "ole", "activex", "template", "image", "object", "xml", "dtd", "bomb", "zip", "cut"],
)
@pytest.mark.clause("S4-3.3")
def test_a_hostile_file_is_refused_before_anything_opens_it(save, content, code) -> None:
    with pytest.raises(InvalidInput) as caught:
        convert_docx(save(content), program=Path("/nonexistent/soffice"))
    assert [one.code for one in caught.value.findings] == [code]


def test_without_libreoffice_the_answer_names_what_to_install(save, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Unavailable) as caught:
        convert_docx(save(docx()))
    assert caught.value.code == "conversion.not_installed"
    assert "libreoffice-writer-nogui" in caught.value.vi


def script(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "soffice"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def ends(process: int) -> bool:
    """Whether a process that was killed ends; a dead one may wait to be collected, a dying one for its turn."""
    deadline = time.monotonic() + 20
    try:
        while psutil.Process(process).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
            if time.monotonic() > deadline:
                return False
    except psutil.NoSuchProcess:
        pass
    return True


def test_a_converter_that_hangs_is_ended_with_its_children(save, tmp_path: Path) -> None:
    marker = tmp_path / "child"
    program = script(tmp_path, f"sleep 300 & echo $! > {marker}; wait")
    started = time.monotonic()
    with pytest.raises(InvalidInput) as caught:
        convert_docx(save(docx()), program=program, limits=InspectionLimits(timedelta(seconds=1), 1024**3))
    assert caught.value.code == "conversion.failed"
    assert time.monotonic() - started < 20
    assert ends(int(marker.read_text()))


@pytest.mark.parametrize("text", ["exit 1", "exit 0", "kill -SEGV $$"])
def test_a_converter_that_makes_nothing_is_a_clear_refusal(save, tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        convert_docx(save(docx()), program=script(tmp_path, text))
    assert caught.value.code == "conversion.failed"


@needs_office
def test_a_docx_becomes_a_pdf_with_its_words_and_paper(save, tmp_path: Path) -> None:
    pdf = convert_docx(save(docx(["Cộng hòa xã hội chủ nghĩa Việt Nam", "Điều 1. Phạm vi điều chỉnh"])))
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf)
    facts = read_pdf(path, InspectionLimits())
    assert facts.text() == "Cộng hòa xã hội chủ nghĩa Việt Nam Điều 1. Phạm vi điều chỉnh"
    assert [round(size * 25.4 / 72) for size in facts.page_sizes[0]] == [210, 297]
    assert {round(word.size) for word in facts.words} == {14}


@needs_office
def test_a_letter_as_offices_write_it_passes_the_check_and_has_its_places(save, tmp_path: Path) -> None:
    path = tmp_path / "made.pdf"
    path.write_bytes(convert_docx(save(letter([LONG] * 4))))
    facts = read_pdf(path, InspectionLimits())
    assert list(check_pages(LETTER, facts)) == []
    found = find_places(facts, LETTER.signer_name)
    assert found.findings == []
    number = next(one for one in found.slots if one.name == "number")
    label = next(one for one in facts.words if one.text == "Số:")
    assert number.box.bottom + 0.22 * number.font_size == pytest.approx(label.baseline)
    assert number.box.left > label.box.right

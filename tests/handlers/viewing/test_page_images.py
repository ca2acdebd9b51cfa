"""Pages as marked images: the mark is on every part of the picture and never in the file; limits hold."""

from __future__ import annotations

import io
import zlib
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from handlers.resources import InspectionLimits
from handlers.viewing.page_images import count_pages, draw_page, draw_print
from service.domain.errors import Conflict, NotFound
from service.storage.media_types import DOCX, JPEG, PDF, PNG, TIFF
from tests.pdf_files import plain_pdf

LIMITS = InspectionLimits()
MARK = ["Nguyễn Thị Lan (vanthu)", "08:00 02/03/2026", "Văn phòng Tỉnh ủy (mẫu)"]


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(plain_pdf())
    return path


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


@pytest.mark.clause("S2-9.1b")
def test_every_part_of_a_page_carries_the_mark_and_the_file_does_not_change(pdf: Path) -> None:
    before = pdf.read_bytes()
    marked = picture(draw_page(pdf, PDF, 1, MARK, LIMITS))
    plain = pypdfium2.PdfDocument(pdf)[0].render(scale=110 / 72).to_pil().convert("RGB")
    assert marked.size == plain.size
    difference = ImageChops.difference(marked, plain)
    width, height = marked.size
    for row in range(4):
        for column in range(3):
            box = (
                column * width // 3,
                row * height // 4,
                (column + 1) * width // 3,
                (row + 1) * height // 4,
            )
            assert difference.crop(box).getbbox(), (row, column)
    assert pdf.read_bytes() == before


def test_two_readers_get_two_pictures(pdf: Path) -> None:
    assert draw_page(pdf, PDF, 1, MARK, LIMITS) != draw_page(pdf, PDF, 1, ["Vũ Ngọc Mai", *MARK[1:]], LIMITS)


@pytest.mark.parametrize("page", [0, 2, -1])
def test_a_page_that_is_not_there_is_not_found(pdf: Path, page: int) -> None:
    assert count_pages(pdf, PDF, LIMITS) == 1
    with pytest.raises(NotFound):
        draw_page(pdf, PDF, page, MARK, LIMITS)


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", PNG), ("JPEG", JPEG), ("TIFF", TIFF)])
def test_images_are_shown_like_pages(tmp_path: Path, kind: str, media_type: str) -> None:
    path = tmp_path / "scan"
    frames = [Image.new("RGB", (600, 800), "white") for _ in range(2)]
    more = {"save_all": True, "append_images": frames[1:]} if kind == "TIFF" else {}
    frames[0].save(path, kind, **more)
    assert count_pages(path, media_type, LIMITS) == (2 if more else 1)
    shown = picture(draw_page(path, media_type, 1, MARK, LIMITS))
    assert shown.size == (600, 800)
    assert shown.getcolors(256) is None or len(shown.getcolors(256) or []) > 1


def test_a_printed_copy_is_a_pdf_of_pictures_with_its_marks_at_the_foot(pdf: Path) -> None:
    copy = pypdfium2.PdfDocument(draw_print(pdf, PDF, ["BẢN IN", *MARK], LIMITS))
    assert len(copy) == 1
    assert copy[0].get_textpage().get_text_range() == ""
    width, height = copy[0].get_size()
    assert (round(width), round(height)) == (595, 842)
    drawn = copy[0].render(scale=2).to_pil().convert("L")
    strip = drawn.crop((0, drawn.height - 30, drawn.width, drawn.height))
    assert min(strip.tobytes()) < 120


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing more", b"\x89PNG\r\n\x1a\n broken"])
def test_what_cannot_be_read_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(content)
    for media_type in (PDF, PNG):
        with pytest.raises(Conflict) as refused:
            count_pages(path, media_type, LIMITS)
        assert refused.value.code == "file.not_viewable"


def test_office_files_have_no_pages_here(pdf: Path) -> None:
    with pytest.raises(Conflict):
        count_pages(pdf, DOCX, LIMITS)


def test_a_page_of_enormous_size_is_drawn_small(tmp_path: Path) -> None:
    path = tmp_path / "wide.pdf"
    path.write_bytes(plain_pdf().replace(b"[0 0 595 842]", b"[0 0 14400 14400]"))
    shown = picture(draw_page(path, PDF, 1, MARK, LIMITS))
    assert shown.width * shown.height <= 6_100_000


def test_an_image_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    data = b"IDAT" + zlib.compress(b"\x00" * 1000)

    def chunk(body: bytes) -> bytes:
        return (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(header) + chunk(data) + chunk(b"IEND"))
    with pytest.raises(Conflict):
        draw_page(path, PNG, 1, MARK, LIMITS)


def test_a_file_that_needs_too_much_memory_is_given_up(pdf: Path) -> None:
    with pytest.raises(Conflict):
        draw_page(pdf, PDF, 1, MARK, InspectionLimits(timedelta(seconds=5), 40 * 1024 * 1024))

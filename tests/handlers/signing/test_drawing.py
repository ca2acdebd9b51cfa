"""Images and type that go on the page."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from handlers.signing.appearance import TextAppearance
from handlers.signing.images import MOST_FILE_BYTES, StampImage
from handlers.signing.seal import sign_annex
from handlers.signing.typeface import find_typeface
from service.domain.errors import InvalidInput, Unavailable
from tests.handlers.signing.desk import AT, Desk, draw_seal, draw_signature, page_text, to_png
from tests.pdf_files import plain_pdf


def test_a_seal_is_reduced_to_what_paper_shows() -> None:
    image = StampImage.read(draw_seal())

    assert (image.width, image.height) == (425, 425)
    assert len(image.colours) + len(image.opacity) < 40_000


def test_a_signature_keeps_its_proportions() -> None:
    image = StampImage.read(draw_signature(), 50)

    assert image.width == 591
    assert image.height == 276


def jpeg() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "JPEG")
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb() -> bytes:
    """Return a PNG of a few bytes that says it has 3.6 thousand million pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100)))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "image.not_png"),
        (bomb(), "image.too_large"),
        (b"\x89PNG\r\n\x1a\nbroken", "image.not_png"),
        (jpeg(), "image.not_png"),
        (to_png(Image.new("RGBA", (4001, 2))), "image.too_large"),
        (bytes(MOST_FILE_BYTES + 1), "image.too_large"),
        (to_png(Image.new("RGB", (20, 20), "white")), "image.opaque"),
    ],
    ids=["empty", "bomb", "broken", "jpeg", "wide", "heavy", "opaque"],
)
def test_an_image_that_cannot_be_a_stamp_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        StampImage.read(content)

    assert caught.value.code == code


def test_all_vietnamese_letters_can_be_read_back_from_the_page(desk: Desk, tmp_path: Path) -> None:
    code = "12/ẮẰẲẴẶẤẦẨẪẬĐẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰỲỴỶỸ"
    stream = BytesIO(plain_pdf())

    sign_annex(stream, desk.agency, code=code, typeface=find_typeface(), at=AT)

    assert code in page_text(stream.getvalue(), tmp_path)


def test_a_decomposed_text_is_composed_before_it_is_drawn(desk: Desk, tmp_path: Path) -> None:
    stream = BytesIO(plain_pdf())

    sign_annex(stream, desk.agency, code="1/QĐ-Bê\u0301p", typeface=find_typeface(), at=AT)

    assert "1/QĐ-Bếp" in page_text(stream.getvalue(), tmp_path)


def test_a_character_that_the_font_lacks_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        find_typeface().subset("số 漢")

    assert "漢" in caught.value.vi


def test_a_subset_holds_only_what_is_needed() -> None:
    part = find_typeface().subset("05")

    assert len(part.program) < 12_000
    assert part.widths["0"] == part.widths["5"] > 0


def test_a_long_line_is_made_smaller_to_fit_its_field(desk: Desk, tmp_path: Path) -> None:
    stream = desk.approved()

    desk.put_seal(stream, texts={"number": "1234567/2026", "day": "02", "month": "03"})

    assert "1234567/2026" in page_text(stream.getvalue(), tmp_path)


def test_without_a_font_for_vietnamese_the_house_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        find_typeface([tmp_path / "none.ttf"])

    assert "Liberation Serif 2" in caught.value.vi


def test_equal_drawings_share_one_subset() -> None:
    face = find_typeface()

    assert face.subset("01/02") is face.subset("05+07")
    assert TextAppearance(["05"], face, 13).align == "centre"

"""Documents are typeset with all Vietnamese letters, the same bytes each time, and texts that stay texts."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from handlers.documents.typesetting import TEMPLATES, typeset
from handlers.resources import InspectionLimits
from handlers.signing import typeface
from service.domain.errors import TooLarge

AT = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
HEAD = '#import "base.typ": data, family, mark, field\n#set text(font: family, size: 13pt, fallback: false)\n'
HOSTILE = '#import "a.typ" #read("/etc/passwd") $x$ \\ @a *b* _c_ // d /* e */ <f> `g` [h] ~ = i "j" \'k\''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "base.typ").write_bytes((TEMPLATES / "base.typ").read_bytes())
    return tmp_path


@pytest.fixture
def make(folder):
    def _make(body, data=None, **options):
        (folder / "page.typ").write_text(HEAD + body)
        return typeset("page", data or {}, at=AT, folder=folder, **options)

    return _make


def text_of(pdf: bytes) -> str:
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def fonts_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdffonts", path], capture_output=True, check=True).stdout.decode()


def test_the_same_data_and_instant_give_the_same_bytes(make):
    first = make("#data.text", {"text": "Kính gửi"})
    assert first.pdf == make("#data.text", {"text": "Kính gửi"}).pdf
    assert b"D:20260302010203" in first.pdf
    assert first.pdf != make("#data.text", {"text": "Kính gửi:"}).pdf


def test_the_instant_may_come_with_the_data(folder):
    (folder / "page.typ").write_text(HEAD + "a")
    made = typeset("page", {"typeset_at": "2026-03-02T08:02:03+07:00"}, folder=folder)
    assert b"D:20260302010203" in made.pdf
    for data in ({}, {"typeset_at": "2026-03-02T08:02:03"}):
        with pytest.raises(ValueError, match=r"isoformat|instant"):
            typeset("page", data, folder=folder)


@pytest.mark.clause("S1-7.2", "S3-10.2")
def test_an_instant_counts_to_the_second(folder):
    (folder / "page.typ").write_text(HEAD + "a")
    made = typeset("page", {}, at=AT.replace(microsecond=576_838), folder=folder)
    assert made.pdf == typeset("page", {}, at=AT, folder=folder).pdf


def test_every_vietnamese_letter_is_drawn_and_can_be_copied(make, tmp_path):
    letters = typeface._VIETNAMESE + typeface._VIETNAMESE.upper()
    made = make("#data.text", {"text": " ".join(letters)})
    assert "".join(text_of(made.pdf).split()) == letters
    assert made.undrawn == ""
    fonts = fonts_of(made.pdf, tmp_path).splitlines()[2:]
    assert len(fonts) == 1
    assert "Serif" in fonts[0]
    assert b"pdfaid:part>2" in made.pdf.replace(b'"', b">") or b"<pdfaid:part>2" in made.pdf


@pytest.mark.clause("S1-7.2", "S3-10.2")
def test_marks_that_were_typed_apart_are_composed(make):
    assert text_of(make("#data.text", {"text": "tiê\u0301ng Viê\u0323t"}).pdf).strip() == "tiếng Việt"


@pytest.mark.parametrize("body", ["#data.text", '#field(data, "text")', "= #data.text", "#table(data.text)"])
def test_what_people_wrote_is_never_read_as_code(make, body):
    assert text_of(make(body, {"text": HOSTILE}).pdf).split() == HOSTILE.split()


def test_what_the_typeface_lacks_is_named_and_replaced(make):
    made = make("#data.text", {"text": "a\U0001f600b\x01c\ud800d"})
    assert made.undrawn == "\x01\ud800\U0001f600"
    assert text_of(made.pdf).strip() == "a?b?c?d"


def test_a_marked_place_is_told_in_points_from_the_lower_left_corner(make):
    made = make(
        '#set page(width: 400pt, height: 300pt, margin: 50pt)\n#mark("one", 30pt, 12pt)\n#pagebreak()\n'
        '#place(bottom + right, mark("two", 10mm, 20pt))',
    )
    assert made.page_amount == 2
    assert made.page_sizes == ((400.0, 300.0),) * 2
    one, two = made.marks["one"], made.marks["two"]
    assert (one.page, round(one.x), round(one.width), round(one.height)) == (0, 50, 30, 12)
    assert round(one.y) == 300 - 50 - 12
    assert (two.page, round(two.box.right), round(two.box.bottom), round(two.box.top)) == (1, 350, 50, 70)


@pytest.mark.parametrize(
    "body",
    [
        '#read("/etc/passwd")',
        '#read("../outside.txt")',
        '#import "/etc/passwd": a',
        '#include "../outside.txt"',
    ],
)
def test_a_template_reads_nothing_outside_its_folder(make, tmp_path, body):
    (tmp_path.parent / "outside.txt").write_text("secret")
    with pytest.raises(RuntimeError):
        make(body)


@pytest.mark.parametrize("body", ['#("a" * 100000 * 100000)', "#range(1000000000).len()"])
def test_a_document_that_needs_too_much_is_given_up(make, body):
    limits = InspectionLimits(timedelta(seconds=1), 512 * 1024**2)
    with pytest.raises(TooLarge) as caught:
        make(body, limits=limits)
    assert caught.value.code == "typesetting.too_large"


@pytest.mark.parametrize("name", ["../base", "base.typ", "absent", ""])
def test_a_template_is_named_by_a_plain_word(folder, name):
    with pytest.raises(ValueError, match="no template"):
        typeset(name, {}, at=AT, folder=folder)


def test_no_template_uses_a_package_or_evaluates_text():
    for template in TEMPLATES.glob("*.typ"):
        source = template.read_text(encoding="utf-8")
        assert "@preview" not in source
        assert "eval(" not in source
        assert "read(" not in source

"""Reads one PDF: its words with their places, its pages as images, what differs between two pages.

Runs in a process of its own, started by :mod:`handlers.documents.reading` with limits on time and memory, an
empty environment and nothing of this project on its path. Reads a request as JSON from standard input; writes
one line of JSON and after it the bytes of an image, if one was asked for.
"""

from __future__ import annotations

import ctypes
import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw

Json = dict[str, Any]
MOST_PAGES = 500
MOST_WORDS = 400_000
_CELL = 8
"""Pixels of a side of the squares in which differences of two pages are looked for."""

_NOTICEABLE = 40
_NAME_BYTES = 256
_ITALIC = 1 << 6
_FORCED_BOLD = 1 << 18
_BOLD_WEIGHT = 600


def read_facts(request: Json) -> tuple[Json, bytes]:
    """Return what the file is: pages, words with places and type, signatures, form."""
    with _opened(request["path"]) as document:
        count = len(document)
        sizes: list[list[float]] = []
        words: list[list[Any]] = []
        for index in range(min(count, MOST_PAGES)):
            page = document[index]
            sizes.append(list(page.get_size()))
            if len(words) < MOST_WORDS:
                words += [[index, *word] for word in _words_of(page)]
        return {
            "page_amount": count,
            "page_sizes": sizes,
            "words": words[:MOST_WORDS],
            "signatures": int(pdfium.FPDF_GetSignatureCount(document.raw)),
            "has_form": document.get_formtype() != pdfium.FORMTYPE_NONE,
        }, b""


def draw_page(request: Json) -> tuple[Json, bytes]:
    """Return one page as PNG, with everything that was signed or filled on it."""
    with _opened(request["path"]) as document:
        if request["page"] >= len(document):
            return {"error": "no_page"}, b""
        image = _draw(document, request["page"], request["dpi"])
        return {"page_amount": len(document), "size": list(image.size)}, _png(image)


def draw_difference(request: Json) -> tuple[Json, bytes]:
    """Return a page of both files side by side with what changed marked; a page that one lacks is blank."""
    with _opened(request["path"]) as first, _opened(request["other"]) as second:
        page, dpi = request["page"], request["dpi"]
        sides = [_draw(one, page, dpi) if page < len(one) else None for one in (first, second)]
        present = next((side for side in sides if side is not None), None)
        if present is None:
            return {"error": "no_page"}, b""
        width = max(side.width for side in sides if side)
        height = max(side.height for side in sides if side)
        left, right = (_on_paper(side, width, height) for side in sides)
        regions = list(_regions(left, right))
        for side in (left, right):
            _mark(side, regions)
        both = Image.new("RGB", (2 * width + _CELL, height), "#808080")
        both.paste(left, (0, 0))
        both.paste(right, (width + _CELL, 0))
        amounts = [len(first), len(second)]
        points = [[value * 72 / dpi for value in region] for region in regions]
        return {"page_amounts": amounts, "regions": points}, _png(both)


def _opened(path: str) -> pypdfium2.PdfDocument:
    document = pypdfium2.PdfDocument(path)
    if document.get_formtype() in (pdfium.FORMTYPE_ACRO_FORM, pdfium.FORMTYPE_XFA_FOREGROUND):
        document.init_forms()
    return document


def _draw(document: pypdfium2.PdfDocument, page: int, dpi: float) -> Image.Image:
    drawn: Image.Image = document[page].render(scale=dpi / 72, may_draw_forms=True).to_pil()
    return drawn.convert("RGB")


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()


def _on_paper(side: Image.Image | None, width: int, height: int) -> Image.Image:
    paper = Image.new("RGB", (width, height), "white")
    if side is not None:
        paper.paste(side, (0, 0))
    return paper


def _regions(left: Image.Image, right: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Yield the boxes around what differs, in pixels; neighbouring squares are one region."""
    difference = (
        ImageChops.difference(left, right).convert("L").point(lambda value: 255 * (value > _NOTICEABLE))
    )
    small = difference.reduce(_CELL).point(lambda value: 255 * (value > 0))
    squares = small.tobytes()
    waiting = {
        (x, y) for y in range(small.height) for x in range(small.width) if squares[y * small.width + x]
    }
    while waiting:
        group, edge = set(), [waiting.pop()]
        while edge:
            x, y = edge.pop()
            group.add((x, y))
            near = {(x + dx, y + dy) for dx in (-2, -1, 0, 1, 2) for dy in (-1, 0, 1)} & waiting
            waiting -= near
            edge += near
        xs, ys = [x for x, _ in group], [y for _, y in group]
        yield (min(xs) * _CELL, min(ys) * _CELL, (max(xs) + 1) * _CELL, (max(ys) + 1) * _CELL)


def _mark(side: Image.Image, regions: list[tuple[int, int, int, int]]) -> None:
    shade = Image.new("RGBA", side.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(shade)
    for region in regions:
        pen.rectangle(region, fill=(255, 200, 0, 60), outline=(200, 60, 0, 255), width=2)
    side.paste(shade, (0, 0), shade)


def _words_of(page: pypdfium2.PdfPage) -> Iterator[list[Any]]:
    """Yield ``[text, left, bottom, right, top, size, font, is_bold, is_italic, baseline]``."""
    text = page.get_textpage()
    word: list[Any] | None = None
    for index in range(text.count_chars()):
        char = chr(pdfium.FPDFText_GetUnicode(text.raw, index) or 0)
        if char.isspace() or char in "\0\ufffe":
            if word:
                yield word
            word = None
            continue
        box = _box_of(text, index)
        if word is not None and _is_apart(word, box):
            yield word
            word = None
        if word is None:
            word = [char, *box, *_type_of(text, index), _baseline_of(text, index)]
        else:
            word[0] += char
            word[1:5] = _joined(word[1:5], box)
    if word:
        yield word


def _is_apart(word: list[Any], box: list[float]) -> bool:
    """Whether a character begins another word although no blank is between: another line, or a gap."""
    size = max(word[5], 1.0)
    return bool(abs(box[1] - word[2]) > size or box[0] - word[3] > size or word[1] - box[0] > size)


def _joined(first: list[float], second: list[float]) -> list[float]:
    return [
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    ]


def _box_of(text: pypdfium2.PdfTextPage, index: int) -> list[float]:
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text.raw, index, ctypes.byref(box))
    return [float(box.left), float(box.bottom), float(box.right), float(box.top)]


def _baseline_of(text: pypdfium2.PdfTextPage, index: int) -> float:
    across, up = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text.raw, index, ctypes.byref(across), ctypes.byref(up))
    return float(up.value)


def _type_of(text: pypdfium2.PdfTextPage, index: int) -> list[Any]:
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(_NAME_BYTES)
    pdfium.FPDFText_GetFontInfo(text.raw, index, name, _NAME_BYTES, ctypes.byref(flags))
    font = name.value.decode("utf-8", "replace")
    weight = pdfium.FPDFText_GetFontWeight(text.raw, index)
    is_bold = "bold" in font.lower() or weight >= _BOLD_WEIGHT or bool(flags.value & _FORCED_BOLD)
    is_italic = "italic" in font.lower() or "oblique" in font.lower() or bool(flags.value & _ITALIC)
    size = float(pdfium.FPDFText_GetFontSize(text.raw, index))
    return [size, font, is_bold, is_italic]


TASKS = {"facts": read_facts, "page": draw_page, "difference": draw_difference}


def limit(request: Json) -> None:
    """Bound this process: processor seconds, memory, no files, no core dump."""
    seconds, memory = request["seconds"], request["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    limit(request)
    try:
        answer, image = TASKS[request["task"]](request)
    except pypdfium2.PdfiumError:
        answer, image = {"error": "unreadable"}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + image)
    sys.stdout.flush()


if __name__ == "__main__":
    main()

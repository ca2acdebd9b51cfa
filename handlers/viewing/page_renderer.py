"""Draws pages of one foreign file as images with a mark over them; runs in a process of its own.

Started by :mod:`handlers.viewing.page_images` with limits on time, memory and output, an empty environment
and nothing of this project on its path. Reads a request as JSON from standard input, writes one line of JSON
and after it the bytes of an image or of a PDF made of images. The file itself is only read: the mark is on
the picture, never in the original.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageDraw, ImageFont

Json = dict[str, Any]
MOST_PIXELS = 6_000_000
"""Of one page: a page may claim any size; A4 at 150 dots per inch has 2.2 million."""

MOST_PRINTED = 300
POINTS = 72.0
_ANGLE = 30
_SMALLEST_TYPE = 6
_INK = (150, 0, 0, 78)
_FOOT_INK = (90, 0, 0, 255)
_PAPER = (255, 255, 255)


class Pages:
    """The pages of a file: of a PDF, or the frames of an image."""

    def __init__(self, path: str, media_type: str) -> None:
        self._pdf = pypdfium2.PdfDocument(path) if media_type == "application/pdf" else None
        self._image = None if self._pdf is not None else Image.open(path)
        if self._pdf is not None and self._pdf.get_formtype() in {
            pdfium.FORMTYPE_ACRO_FORM,
            pdfium.FORMTYPE_XFA_FOREGROUND,
        }:
            self._pdf.init_forms()

    def __len__(self) -> int:
        return len(self._pdf) if self._pdf is not None else int(getattr(self._image, "n_frames", 1))

    def draw(self, index: int, dpi: float) -> Image.Image:
        """Return a page as an image, smaller than asked for if it would have too many pixels."""
        if self._pdf is None:
            return self._frame(index)
        page = self._pdf[index]
        width, height = page.get_size()
        scale = dpi / POINTS
        if width * height * scale * scale > MOST_PIXELS:
            scale = (MOST_PIXELS / (width * height)) ** 0.5
        drawn: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil()
        return drawn.convert("RGB")

    def _frame(self, index: int) -> Image.Image:
        assert self._image is not None
        self._image.seek(index)
        frame = self._image.convert("RGBA")
        paper = Image.new("RGBA", frame.size, (*_PAPER, 255))
        paper.alpha_composite(frame)
        if frame.width * frame.height > MOST_PIXELS:
            share = (MOST_PIXELS / (frame.width * frame.height)) ** 0.5
            paper = paper.resize((max(1, int(frame.width * share)), max(1, int(frame.height * share))))
        return paper.convert("RGB")


def count_pages(request: Json) -> tuple[Json, bytes]:
    """Return how many pages the file has."""
    return {"page_count": len(Pages(request["path"], request["media_type"]))}, b""


def draw_page(request: Json) -> tuple[Json, bytes]:
    """Return one page as PNG under a watermark."""
    pages = Pages(request["path"], request["media_type"])
    if not 0 <= request["page"] < len(pages):
        return {"error": "no_page"}, b""
    image = cover(pages.draw(request["page"], request["dpi"]), request["mark"], request["font"])
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return {"page_count": len(pages), "size": list(image.size)}, out.getvalue()


def draw_print(request: Json) -> tuple[Json, bytes]:
    """Return all pages as a PDF of images, each with a line of marks at its foot."""
    pages = Pages(request["path"], request["media_type"])
    if not 0 < len(pages) <= MOST_PRINTED:
        return {"error": "too_many_pages", "most": MOST_PRINTED}, b""
    drawn = _footed(pages, request)
    first, out = next(drawn), io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=drawn, resolution=request["dpi"], quality=85)
    return {"page_count": len(pages)}, out.getvalue()


def _footed(pages: Pages, request: Json) -> Iterator[Image.Image]:
    for index in range(len(pages)):
        image = pages.draw(index, request["dpi"])
        text = "  ·  ".join([*request["mark"], f"{index + 1}/{len(pages)}"])
        yield foot(image, text, request["font"])


def cover(image: Image.Image, lines: list[str], font: str) -> Image.Image:
    """Lay the lines over the whole image, slanting, so that no cut of it is without them."""
    size = max(14, image.width // 42)
    face = ImageFont.truetype(font, size)
    text = "\n".join(lines)
    box = ImageDraw.Draw(image).multiline_textbbox((0, 0), text, font=face, align="center")
    tile = Image.new("RGBA", (int(box[2]) + size * 3, int(box[3]) + size * 3), (0, 0, 0, 0))
    ImageDraw.Draw(tile).multiline_text((size, size), text, font=face, fill=_INK, align="center")
    slanted = tile.rotate(_ANGLE, expand=True, resample=Image.Resampling.BILINEAR)
    marked = image.convert("RGBA")
    step_x, step_y = max(1, int(slanted.width * 0.8)), max(1, int(slanted.height * 0.7))
    for row, top in enumerate(range(-slanted.height // 3, image.height, step_y)):
        for left in range(-slanted.width // 3 - (row % 2) * step_x // 2, image.width, step_x):
            _lay(marked, slanted, left, top)
    return marked.convert("RGB")


def _lay(marked: Image.Image, piece: Image.Image, left: int, top: int) -> None:
    """Lay a piece where part of it may be outside."""
    cut = (max(0, -left), max(0, -top), piece.width, piece.height)
    if cut[0] < cut[2] and cut[1] < cut[3]:
        marked.alpha_composite(piece.crop(cut), (max(0, left), max(0, top)))


def foot(image: Image.Image, text: str, font: str) -> Image.Image:
    """Return the image with a line of text below what is on it, on a strip of its own."""
    size = max(10, image.width // 70)
    face = ImageFont.truetype(font, size)
    while size > _SMALLEST_TYPE and face.getlength(text) > image.width * 0.96:
        size -= 1
        face = ImageFont.truetype(font, size)
    strip = size * 2
    shrunk = image.resize((image.width, max(1, image.height - strip)))
    page = Image.new("RGB", image.size, _PAPER)
    page.paste(shrunk, (0, 0))
    pen = ImageDraw.Draw(page)
    pen.line((0, page.height - strip, page.width, page.height - strip), fill=_FOOT_INK[:3], width=1)
    place = (page.width * 0.02, page.height - strip + size * 0.35)
    pen.text(place, text, font=face, fill=_FOOT_INK[:3])
    return page


def limit(request: Json) -> None:
    """Bound this process before it opens anything: seconds, memory, output, no core dump."""
    seconds, memory, output = request["seconds"], request["memory_bytes"], request["output_bytes"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = 8 * MOST_PIXELS


TASKS = {"count": count_pages, "page": draw_page, "print": draw_print}


def main() -> None:
    """Answer the request on standard input."""
    request = json.loads(sys.stdin.buffer.read())
    limit(request)
    assert Path(request["path"]).is_file()
    try:
        answer, content = TASKS[request["task"]](request)
    except (pypdfium2.PdfiumError, OSError, ValueError, EOFError, SyntaxError, Image.DecompressionBombError):
        answer, content = {"error": "unreadable"}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + content)


if __name__ == "__main__":
    main()

"""What a field shows on the page: an image, or lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from handlers.signing.images import StampImage
from handlers.signing.pdf_objects import form
from handlers.signing.typeface import FontSubset, Typeface, normalise
from service.domain.signatures import DESCENT, Box

Align = Literal["left", "centre", "right"]


class Appearance(Protocol):
    """Something that can be drawn into a field."""

    def draw(self, writer: Any, box: Box) -> Any:
        """Add the form XObject that fills ``box`` to the PDF and return the reference to it."""
        ...


@dataclass(frozen=True, slots=True)
class ImageAppearance:
    """An image in the middle of the field, as large as fits, its proportions kept."""

    image: StampImage

    def draw(self, writer: Any, box: Box) -> Any:
        """Return the reference to the drawn form."""
        scale = min(box.width / self.image.width, box.height / self.image.height)
        width, height = self.image.width * scale, self.image.height * scale
        place = ((box.width - width) / 2, (box.height - height) / 2)
        content = b"q %.3f 0 0 %.3f %.3f %.3f cm /Im Do Q" % (width, height, *place)
        resources = {"/XObject": {"/Im": self.image.embed(writer)}}
        return writer.add_object(form(box.width, box.height, content, resources))


@dataclass(frozen=True, slots=True)
class TextAppearance:
    """Lines of text, black, from the top of the field; one line alone stands on the baseline of its text box.

    Attributes:
        lines: of text, in NFC.
        typeface: that draws them.
        size: in points; made smaller where a line would not fit the width.
        align: along the field.
    """

    lines: Sequence[str]
    typeface: Typeface
    size: float
    align: Align = "centre"

    def draw(self, writer: Any, box: Box) -> Any:
        """Return the reference to the drawn form."""
        lines = [normalise(line) for line in self.lines]
        font = self.typeface.subset("".join(lines))
        size = min([self.size, *(self._fitting(font, line, box.width) for line in lines)])
        leading = size * 1.2
        first = box.height - size if len(lines) > 1 else self.size * DESCENT
        content = b"q 0 g BT /F %.2f Tf" % size
        for index, line in enumerate(lines):
            left = self._left(font, line, size, box.width)
            content += b" 1 0 0 1 %.3f %.3f Tm %b Tj" % (left, first - index * leading, font.encode(line))
        content += b" ET Q"
        resources = {"/Font": {"/F": font.embed(writer)}}
        return writer.add_object(form(box.width, box.height, content, resources))

    def _fitting(self, font: FontSubset, line: str, width: float) -> float:
        advance = sum(font.widths[char] for char in line) / 1000
        return width / advance if advance else self.size

    def _left(self, font: FontSubset, line: str, size: float, width: float) -> float:
        spare = width - sum(font.widths[char] for char in line) * size / 1000
        return {"left": 0.0, "centre": spare / 2, "right": spare}[self.align]

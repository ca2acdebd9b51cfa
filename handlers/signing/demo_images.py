"""Images for demonstrations: a blue scrawl for a person, a red round seal marked TEST for a body."""

from __future__ import annotations

import hashlib
import math
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from handlers.signing.keys import TEST_MARK

_BLUE: Final = (25, 45, 190, 255)
_RED: Final = (215, 25, 32, 235)
_SEAL_PIXELS: Final = 850
_SCRAWL: Final = (1200, 480)


def draw_signature(name: str) -> bytes:
    """Return a scrawl as a transparent PNG, always the same for one name."""
    image = Image.new("RGBA", _SCRAWL)
    seed = hashlib.sha256(name.encode()).digest()
    width, height = _SCRAWL
    steps = 14
    peaks = [
        (
            width * (0.06 + 0.88 * index / steps),
            height * (0.5 + (0.36 if index % 2 else -0.36) * (0.35 + seed[index] / 400)),
        )
        for index in range(steps + 1)
    ]
    pen = ImageDraw.Draw(image)
    pen.line(_smooth(peaks), fill=_BLUE, width=14, joint="curve")
    stroke = [(width * 0.05, height * 0.8), (width * 0.5, height * 0.7), (width * 0.95, height * 0.82)]
    pen.line(_smooth(stroke), fill=_BLUE, width=9, joint="curve")
    return _to_png(image)


def draw_seal(name: str, font_file: Path) -> bytes:
    """Return a round seal with the body's name along its rim as a transparent PNG.

    Args:
        name: of the body.
        font_file: a TrueType file with all Vietnamese letters.
    """
    image = Image.new("RGBA", (_SEAL_PIXELS, _SEAL_PIXELS))
    pen = ImageDraw.Draw(image)
    middle = _SEAL_PIXELS / 2
    for radius, width in ((410, 20), (275, 8)):
        box = (middle - radius, middle - radius, middle + radius, middle + radius)
        pen.ellipse(box, outline=_RED, width=width)
    _write_round(image, name.upper(), font_file, is_lower=False)
    _write_round(image, f"· {TEST_MARK} ·", font_file, is_lower=True)
    pen.polygon(_star(middle, 165), fill=_RED)
    return _to_png(image)


def _write_round(image: Image.Image, text: str, font_file: Path, *, is_lower: bool) -> None:
    """Write along the rim: the upper half from left to right, or the lower half, upright for the reader."""
    size = 74 if len(text) <= 24 else max(40, int(74 * 24 / len(text)))  # noqa: PLR2004 - what fits the rim
    font = ImageFont.truetype(str(font_file), size)
    radius = 343.0
    angles = [font.getlength(letter) / radius * 1.06 for letter in text]
    turn = -sum(angles) / 2
    for letter, width in zip(text, angles, strict=True):
        angle = turn + width / 2
        turn += width
        stamp = Image.new("RGBA", (size * 2, size * 2))
        ImageDraw.Draw(stamp).text((size, size), letter, font=font, fill=_RED, anchor="mm")
        sign = -1 if is_lower else 1
        turned = stamp.rotate(-math.degrees(angle) * sign, resample=Image.Resampling.BICUBIC)
        across = _SEAL_PIXELS / 2 + radius * math.sin(angle)
        down = _SEAL_PIXELS / 2 - radius * math.cos(angle) * sign
        image.alpha_composite(turned, (round(across - size), round(down - size)))


def _star(middle: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for index in range(10):
        length = radius if index % 2 == 0 else radius * 0.382
        angle = math.pi * index / 5
        points.append((middle + length * math.sin(angle), middle - length * math.cos(angle)))
    return points


def _smooth(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a curve through the points (Catmull-Rom), as short lines."""
    padded = [points[0], *points, points[-1]]
    curve = []
    for index in range(len(points) - 1):
        before, start, stop, after = padded[index : index + 4]
        for step in range(12):
            part = step / 12
            curve.append(
                tuple(
                    0.5
                    * (
                        2 * b
                        + (c - a) * part
                        + (2 * a - 5 * b + 4 * c - d) * part**2
                        + (3 * b - a - 3 * c + d) * part**3
                    )
                    for a, b, c, d in zip(before, start, stop, after, strict=True)
                )
            )
    return [(one[0], one[1]) for one in [*curve, points[-1]]]


def _to_png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()

"""Images of a hand's signature and of a seal: PNG with transparency, prepared once for many signatures.

NĐ 30/2020 Phụ lục I asks for a transparent PNG, blue for the leader's signature, red and of real size for the
seal. Decoding and packing costs as much as the signature itself, so it happens once per image.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from PIL import Image, UnidentifiedImageError

from handlers.signing.pdf_objects import stream
from service.domain.errors import InvalidInput
from service.domain.signatures import SEAL_DIAMETER_MM

DOTS_PER_INCH: Final = 300
MOST_SIDE_PIXELS: Final = 4000
MOST_FILE_BYTES: Final = 5 * 1024 * 1024
REMEMBERED_IMAGES: Final = 64
_MM_PER_INCH: Final = 25.4
_OPAQUE: Final = 255


@dataclass(frozen=True, slots=True)
class StampImage:
    """A PNG as two deflated planes, ready to be put into a PDF.

    Attributes:
        width: in pixels.
        height: in pixels.
        colours: RGB, deflated.
        opacity: one byte for each pixel, deflated.
    """

    width: int
    height: int
    colours: bytes = field(repr=False)
    opacity: bytes = field(repr=False)

    @classmethod
    def read(cls, png: bytes, longest_side_mm: float = SEAL_DIAMETER_MM) -> StampImage:
        """Return the image, reduced to 300 dots per inch at the size it will have on paper.

        Raises:
            InvalidInput: ``image.not_png``, ``image.too_large``, or ``image.opaque`` for one that would
                cover the text under it.
        """
        return _read(png, longest_side_mm)

    def embed(self, writer: Any) -> Any:
        """Add the image to a PDF and return the reference to it."""
        entries = {
            "/Type": "/XObject",
            "/Subtype": "/Image",
            "/Width": self.width,
            "/Height": self.height,
            "/BitsPerComponent": 8,
        }
        mask = stream(entries | {"/ColorSpace": "/DeviceGray"}, self.opacity, is_deflated=True)
        entries |= {"/ColorSpace": "/DeviceRGB", "/SMask": writer.add_object(mask)}
        return writer.add_object(stream(entries, self.colours, is_deflated=True))


@lru_cache(maxsize=REMEMBERED_IMAGES)
def _read(png: bytes, longest_side_mm: float) -> StampImage:
    """Reduce and deflate; a body's seal and a leader's hand are the same on every document."""
    pixels = _open(png)
    limit = round(longest_side_mm / _MM_PER_INCH * DOTS_PER_INCH)
    pixels.thumbnail((limit, limit))
    opacity = pixels.getchannel("A")
    if opacity.getextrema()[0] == _OPAQUE:
        vi, en = "Ảnh phải có nền trong suốt.", "The image must have a transparent background."
        raise InvalidInput("image.opaque", vi, en)
    # Colours that nobody sees would only make the file larger.
    plain = Image.new("RGB", pixels.size, _main_colour(pixels))
    colours = Image.composite(pixels.convert("RGB"), plain, opacity.point(lambda one: _OPAQUE if one else 0))
    width, height = pixels.size
    packed = zlib.compress(colours.tobytes(), 9), zlib.compress(opacity.tobytes(), 9)
    return StampImage(width, height, *packed)


def _open(png: bytes) -> Image.Image:
    if len(png) > MOST_FILE_BYTES:
        raise _too_large()
    try:
        with Image.open(BytesIO(png), formats=["PNG"]) as image:
            if max(image.size) > MOST_SIDE_PIXELS:
                raise _too_large()
            return image.convert("RGBA")
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        vi, en = "Ảnh phải là tệp PNG đọc được.", "The image must be a readable PNG file."
        raise InvalidInput("image.not_png", vi, en) from None


def _main_colour(pixels: Image.Image) -> tuple[int, int, int]:
    """Return the mean colour, weighted by opacity: what a mostly one-coloured stamp is."""
    small = pixels.convert("RGBa").resize((1, 1), Image.Resampling.BOX).convert("RGBA").getpixel((0, 0))
    assert isinstance(small, tuple)
    return (int(small[0]), int(small[1]), int(small[2]))


def _too_large() -> InvalidInput:
    vi = f"Ảnh quá lớn: tối đa {MOST_SIDE_PIXELS} điểm mỗi cạnh, {MOST_FILE_BYTES // 1024**2} MB."
    en = f"The image is too large: at most {MOST_SIDE_PIXELS} pixels a side, {MOST_FILE_BYTES // 1024**2} MB."
    return InvalidInput("image.too_large", vi, en)

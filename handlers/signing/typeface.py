"""Type for what is written on a page at signing: found on the machine, embedded as a subset.

Number, date and the lines of annexes and copies must look like the document's text, so a face like Times
New Roman with all Vietnamese letters is needed (NĐ 30/2020 Phụ lục I). No font is shipped: Liberation
Serif 2 comes with the operating system (version 1 lacks Vietnamese letters), Noto Serif can be installed
as a package. Text in NFC needs one glyph for each letter, therefore no shaping.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from fontTools import subset, ttLib  # type: ignore[import-untyped, unused-ignore] # ships no types

from handlers.signing.pdf_objects import dictionary, stream
from service.domain.errors import InvalidInput, Unavailable

FONT_FILES: Final = (
    "/usr/share/fonts/truetype/liberation2/LiberationSerif-{style}.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-{style}.ttf",
    "/usr/share/fonts/liberation-serif/LiberationSerif-{style}.ttf",
    "/usr/share/fonts/truetype/noto/NotoSerif-{style}.ttf",
)
"""Where the usual packages put their files; ``style`` is Regular or Italic."""

_FONT_PACKAGE: Final = "fontpkg_noto_serif"
_PACKAGED: Final = {"Regular": "files/NotoSerif[[]*.ttf", "Italic": "files/NotoSerif-Italic[[]*.ttf"}

_COMMON: Final = frozenset("0123456789/-:.,+ ")
"""In every subset, so that most texts share one."""

_VIETNAMESE: Final = "ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
_UNITS: Final = 1000
_NOT_DRAWN: Final = (
    *("GSUB", "GPOS", "GDEF", "kern", "gvar", "fvar"),
    *("avar", "STAT", "HVAR", "MVAR", "DSIG", "FFTM"),
)


@dataclass(frozen=True, slots=True)
class FontSubset:
    """A part of a font, ready to be put into a PDF.

    Attributes:
        name: PostScript name with the tag of a subset.
        program: TrueType program, deflated.
        program_bytes: its length before deflating.
        glyphs: glyph number by character.
        widths: by character, in thousandths of the font size.
        metrics: bounding box, ascent, descent, capital height and italic angle for the descriptor.
    """

    name: str
    program: bytes
    program_bytes: int
    glyphs: dict[str, int]
    widths: dict[str, int]
    metrics: dict[str, Any]

    def encode(self, text: str) -> bytes:
        """Return ``text`` as a hexadecimal PDF string of glyph numbers."""
        return b"<" + b"".join(b"%04X" % self.glyphs[char] for char in text) + b">"

    def embed(self, writer: Any) -> Any:
        """Add the font to a PDF and return the reference to it."""
        ordered = sorted(self.glyphs.items(), key=lambda pair: pair[1])
        descriptor = {"/Type": "/FontDescriptor", "/FontName": f"/{self.name}", "/Flags": 4, "/StemV": 80}
        program = stream({"/Length1": self.program_bytes}, self.program, is_deflated=True)
        descriptor |= self.metrics | {"/FontFile2": writer.add_object(program)}
        base = {"/Type": "/Font", "/BaseFont": f"/{self.name}"}
        descendant = base | {
            "/Subtype": "/CIDFontType2",
            "/CIDSystemInfo": {"/Registry": "Adobe", "/Ordering": "Identity", "/Supplement": 0},
            "/CIDToGIDMap": "/Identity",
            "/FontDescriptor": writer.add_object(dictionary(descriptor)),
            "/W": [part for char, glyph in ordered for part in (glyph, [self.widths[char]])],
        }
        font = base | {
            "/Subtype": "/Type0",
            "/Encoding": "/Identity-H",
            "/DescendantFonts": [writer.add_object(dictionary(descendant))],
            "/ToUnicode": writer.add_object(stream({}, _unicode_map(ordered))),
        }
        return writer.add_object(dictionary(font))


class Typeface:
    """One TrueType font file.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with ttLib.TTFont(path, lazy=True) as font:
            self._letters = frozenset(map(chr, font.getBestCmap()))

    def missing(self, text: str) -> str:
        """Return the characters of ``text`` that the font cannot draw."""
        return "".join(sorted(set(text) - self._letters))

    def subset(self, text: str) -> FontSubset:
        """Return the part of the font that ``text`` needs.

        Raises:
            InvalidInput: ``text.no_glyph``, the font lacks a character.
        """
        lacking = self.missing(text)
        if lacking:
            vi = f"Phông chữ không có các ký tự: {lacking!r}."
            raise InvalidInput("text.no_glyph", vi, f"The font lacks the characters {lacking!r}.")
        return _cut(self.path, frozenset(text) | _COMMON)


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The two styles that are written at signing."""

    upright: Typeface
    italic: Typeface


def find_typefaces() -> Typefaces:
    """Return the installed typefaces; errors as of :func:`find_typeface`."""
    return Typefaces(find_typeface(), find_typeface(is_italic=True))


def find_typeface(files: Sequence[Path] | None = None, *, is_italic: bool = False) -> Typeface:
    """Return the first installed typeface that holds all Vietnamese letters.

    Args:
        files: TrueType files to try, None = where the usual packages put theirs.
        is_italic: which of the usual files.

    Raises:
        Unavailable: ``font.missing``, none is installed.
    """
    usual = _usual_files("Italic" if is_italic else "Regular") if files is None else iter(files)
    found = _first_complete(tuple(usual))
    if found is None:
        vi = "Chưa cài phông chữ có đủ chữ tiếng Việt (Liberation Serif 2 hoặc Noto Serif)."
        en = "No font with all Vietnamese letters is installed (Liberation Serif 2 or Noto Serif)."
        raise Unavailable("font.missing", vi, en)
    return found


@lru_cache(maxsize=8)
def _first_complete(files: tuple[Path, ...]) -> Typeface | None:
    faces = (Typeface(path) for path in files if path.is_file())
    return next((face for face in faces if not face.missing(_VIETNAMESE + _VIETNAMESE.upper())), None)


def _usual_files(style: str) -> Iterator[Path]:
    yield from (Path(pattern.format(style=style)) for pattern in FONT_FILES)
    package = find_spec(_FONT_PACKAGE)
    for folder in package.submodule_search_locations or () if package else ():
        yield from Path(folder).glob(_PACKAGED[style])


@lru_cache(maxsize=64)
def _cut(path: Path, chars: frozenset[str]) -> FontSubset:
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.drop_tables += _NOT_DRAWN
    options.name_IDs = [6]
    with ttLib.TTFont(path) as font:
        known = chars & frozenset(map(chr, font.getBestCmap()))
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(char) for char in known])
        cutter.subset(font)
        glyphs = {chr(code): font.getGlyphID(name) for code, name in font.getBestCmap().items()}
        scale = _UNITS / font["head"].unitsPerEm
        advances = {char: font["hmtx"][name][0] for char, name in _names(font)}
        buffer = BytesIO()
        font.save(buffer)
        name = f"CVSIGN+{font['name'].getDebugName(6) or 'Serif'}".replace(" ", "")
        metrics = _metrics(font, scale)
    widths = {char: round(advance * scale) for char, advance in advances.items()}
    program = buffer.getvalue()
    return FontSubset(name, zlib.compress(program, 9), len(program), glyphs, widths, metrics)


def _names(font: Any) -> Iterator[tuple[str, str]]:
    return ((chr(code), name) for code, name in font.getBestCmap().items())


def _metrics(font: Any, scale: float) -> dict[str, Any]:
    head, line = font["head"], font["hhea"]
    box = [head.xMin, head.yMin, head.xMax, head.yMax]
    return {
        "/FontBBox": [round(one * scale) for one in box],
        "/Ascent": round(line.ascent * scale),
        "/Descent": round(line.descent * scale),
        "/CapHeight": round(getattr(font["OS/2"], "sCapHeight", line.ascent) * scale),
        "/ItalicAngle": round(font["post"].italicAngle),
    }


def _unicode_map(ordered: Sequence[tuple[str, int]]) -> bytes:
    """Return the CMap that lets readers find and copy the text (ISO 32000-2 §9.10.3)."""
    head = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def "
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    )
    lines = [f"<{glyph:04X}> <{char.encode('utf-16-be').hex()}>" for char, glyph in ordered]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    body = "".join(f"{len(one)} beginbfchar\n" + "\n".join(one) + "\nendbfchar\n" for one in blocks)
    return (head + body + "endcmap CMapName currentdict /CMap defineresource pop end end").encode()


def normalise(text: str) -> str:
    """Return ``text`` composed (NFC), as the fonts draw it."""
    return unicodedata.normalize("NFC", text)

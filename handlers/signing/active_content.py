"""What in a PDF does something by itself: a signature would vouch for what the signer never saw.

Loaded by the program ``inspector_process.py`` beside the inspector, with nothing of this project on its path,
so a hostile file can waste a bounded amount and reach nothing. Everything that the document's catalogue leads
to is looked through, not only where a reader of good will would put it (ISO 32000-2 §7.11.4, §12.6, §12.7.8).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader

Json = dict[str, Any]
_BY_KEY = {
    "/JS": "script",
    "/JavaScript": "script",
    "/AA": "automatic_action",
    "/EmbeddedFiles": "attachment",
    "/EF": "attachment",
    "/XFA": "form_program",
    "/RichMediaContent": "media",
}
_BY_ACTION = {
    "/JavaScript": "script",
    "/Launch": "outside_action",
    "/SubmitForm": "outside_action",
    "/ImportData": "outside_action",
    "/GoToE": "outside_action",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMediaExecute": "media",
}
_BY_SUBTYPE = {
    "/FileAttachment": "attachment",
    "/RichMedia": "media",
    "/Screen": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/3D": "media",
}


def look_for_active(request: Json) -> Json:
    """Return ``{active: kinds}`` of a file, ``{active: None}`` of an encrypted one; asked ``{path}``."""
    with Path(request["path"]).open("rb") as file:
        reader = PdfFileReader(file, strict=False)
        if reader.encrypted:
            return {"active": None}
        return {"active": sorted({kind for one in _dictionaries(reader) for kind in _kinds(one)})}


def _dictionaries(reader: Any) -> Iterator[Any]:
    """Yield each dictionary that the catalogue leads to, streams too, once."""
    waiting: list[Any] = [reader.root]
    seen: set[tuple[int, int]] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = reader.get_object(one.reference)
        if isinstance(one, DictionaryObject):
            yield one
            waiting += dict.values(one)  # as they stand: the library's own access follows references
        elif isinstance(one, ArrayObject):
            waiting += list.__iter__(one)


def _kinds(one: Any) -> Iterator[str]:
    yield from (kind for key, kind in _BY_KEY.items() if key in one)
    for key, kinds in (("/S", _BY_ACTION), ("/Subtype", _BY_SUBTYPE)):
        value = one[key] if key in one else None  # noqa: SIM401 - get() does not follow references
        if isinstance(value, str) and value in kinds:
            yield kinds[value]
    if "/OpenAction" in one:
        action = one["/OpenAction"]
        if isinstance(action, DictionaryObject) and action.get("/S") != "/GoTo":
            yield "automatic_action"

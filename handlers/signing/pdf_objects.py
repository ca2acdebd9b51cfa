"""PDF objects from plain Python values; keeps the library's untyped classes in one place."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from pyhanko.pdf_utils import generic as _generic

generic: Any = _generic


def name(text: str) -> Any:
    """Return a PDF name; ``text`` begins with a slash."""
    return generic.NameObject(text)


def array(values: Iterable[Any]) -> Any:
    """Return a PDF array of plain values."""
    return generic.ArrayObject([value(one) for one in values])


def dictionary(entries: Mapping[str, Any]) -> Any:
    """Return a PDF dictionary; the keys begin with a slash, so do values that are names."""
    return generic.DictionaryObject({name(key): value(one) for key, one in entries.items()})


def stream(entries: Mapping[str, Any], content: bytes, *, is_deflated: bool = False) -> Any:
    """Return a PDF stream of ``content``, deflated here unless it already is."""
    data = content if is_deflated else zlib.compress(content)
    return generic.StreamObject(dictionary({**entries, "/Filter": "/FlateDecode"}), encoded_data=data)


def form(width: float, height: float, content: bytes, resources: Mapping[str, Any]) -> Any:
    """Return a form XObject of that size in points: what a field shows (ISO 32000-2 §8.10)."""
    entries = {
        "/Type": "/XObject",
        "/Subtype": "/Form",
        "/BBox": [0, 0, width, height],
        "/Resources": resources,
    }
    return stream(entries, content)


def entry(container: Any, key: str) -> Any:
    """Return what a dictionary holds under ``key``, references followed, or None."""
    return container[key] if key in container else None  # noqa: SIM401 - get() does not follow references


def value(one: Any) -> Any:
    """Return the PDF object of a plain value; one that is a PDF object stays as it is."""
    if isinstance(one, _generic.PdfObject):
        return one
    if isinstance(one, Mapping):
        return dictionary(one)
    if isinstance(one, str):
        return name(one) if one.startswith("/") else generic.TextStringObject(one)
    if isinstance(one, int):
        return generic.NumberObject(one)
    if isinstance(one, float):
        return generic.FloatObject(round(one, 3))
    return array(one)

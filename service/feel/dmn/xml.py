"""Hardened reading of DMN files: the one place of this package that parses XML.

A DMN file may come from a stranger, so nothing outside the bytes is ever read (no DTD, no entity, no
network) and size, nesting and number of elements are bounded before anything walks the tree.
"""

from __future__ import annotations

from typing import Final, cast

from lxml import etree

from service.domain.errors import Finding, InvalidInput

MAX_BYTES: Final = 4_000_000
"""Largest file that is read, in bytes."""
MAX_DEPTH: Final = 100
"""Deepest nesting of elements."""
MAX_ELEMENTS: Final = 200_000
"""Largest number of elements in one file."""

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the class of its elements


def parse_xml(content: bytes, file: str) -> Element:
    """Return the root element of ``content``.

    Args:
        content: the file's bytes, in any encoding that its XML declaration names.
        file: the name that findings give.

    Raises:
        InvalidInput: not well-formed, over a limit, or with a document type declaration.
    """
    if len(content) > MAX_BYTES:
        raise _refusal(
            "dmn.too_large",
            f"Tệp lớn hơn {MAX_BYTES:,} byte.",
            f"The file is larger than {MAX_BYTES:,} bytes.",
            file,
        )
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _doctype_refusal(file)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        line, column = problem.position
        raise _refusal(
            "dmn.not_xml",
            "Tệp không phải XML hợp lệ.",
            "The file is not well-formed XML.",
            file,
            line=line,
            column=column,
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype_refusal(file)
    _check_size(root, file)
    return root


def local_name(element: Element) -> str:
    """Return the element's name without its namespace."""
    return etree.QName(element).localname


def namespace_of(element: Element) -> str:
    """Return the element's namespace, ``""`` for none."""
    return etree.QName(element).namespace or ""


def line_of(element: Element) -> int | None:
    """Return the 1-based line on which the element's start tag ends."""
    return cast("int | None", element.sourceline)


def _check_size(root: Element, file: str) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise _refusal(
                "dmn.too_complex",
                f"Tệp lồng nhau quá {MAX_DEPTH} cấp hoặc có quá {MAX_ELEMENTS:,} phần tử.",
                f"The file nests deeper than {MAX_DEPTH} levels or has more than {MAX_ELEMENTS:,} elements.",
                file,
            )


def _doctype_refusal(file: str) -> InvalidInput:
    return _refusal(
        "dmn.doctype",
        "Không nhận tệp có khai báo DOCTYPE hoặc ENTITY. Hãy xoá khai báo đó.",
        "A file with a DOCTYPE or ENTITY declaration is not accepted. Remove the declaration.",
        file,
    )


def _refusal(
    code: str, vi: str, en: str, file: str, *, line: int | None = None, column: int | None = None
) -> InvalidInput:
    return InvalidInput(code, vi, en, (Finding(code, vi, en, file=file, line=line, column=column),))

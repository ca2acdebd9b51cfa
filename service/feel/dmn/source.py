"""What reading one DMN file needs everywhere: places, names, type names, findings.

Kept apart from the readers so that DRG elements, boxed expressions and tables resolve names in the same way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from service.domain.errors import Finding
from service.feel.dmn.model import FeelText, InformationItem, Place
from service.feel.dmn.xml import Element, line_of, local_name, namespace_of

MODEL_NAMESPACES: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",  # 1.1
        "http://www.omg.org/spec/DMN/20180521/MODEL/",  # 1.2
        "https://www.omg.org/spec/DMN/20191111/MODEL/",  # 1.3
        "https://www.omg.org/spec/DMN/20211108/MODEL/",  # 1.4
        "https://www.omg.org/spec/DMN/20230324/MODEL/",  # 1.5
    }
)
"""The namespaces of DMN 1.1 to 1.5; their elements differ little enough for one reader."""

FEEL_NAMESPACES: Final = frozenset(
    {
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    }
)


@dataclass(slots=True)
class Source:
    """One DMN file while it is read.

    Attributes:
        file: its name in findings.
        namespace: the model's own namespace.
        import_names: import name by imported namespace.
        findings: what is wrong so far; appended to.
    """

    file: str
    namespace: str
    import_names: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def report(self, code: str, vi: str, en: str, place: Place) -> None:
        """Note that something at ``place`` is wrong."""
        self.findings.append(finding_at(place, code, vi, en))

    def place(self, element: Element, cell: str = "") -> Place:
        """Return where ``element`` stands; the id is its own or that of the nearest ancestor with one."""
        holder: Element | None = element
        while holder is not None and not holder.get("id"):
            holder = holder.getparent()
        return Place(self.file, None if holder is None else holder.get("id"), line_of(element), cell)

    def type_ref(self, element: Element) -> str | None:
        """Return the type that ``element`` names by attribute or child, import names instead of prefixes."""
        raw = element.get("typeRef")
        holder = element
        if raw is None:
            child = first_child(element, "typeRef")
            if child is None:
                return None
            raw, holder = child.text or "", child
        return self.type_name(raw, holder)

    def type_name(self, raw: str, holder: Element) -> str | None:
        """Return the name behind the possibly prefixed ``raw``, ``None`` for an empty one.

        DMN 1.1 writes QNames (``feel:string``), later versions plain names and ``import.name``.
        """
        name = normal_name(raw)
        prefix, colon, local = name.partition(":")
        if not name:
            return None
        if not colon or prefix not in holder.nsmap:
            return name
        namespace = holder.nsmap[prefix]
        if namespace in FEEL_NAMESPACES or namespace == self.namespace:
            return local
        if namespace in self.import_names:
            return f"{self.import_names[namespace]}.{local}"
        return name

    def feel_text(self, element: Element, cell: str = "") -> FeelText:
        """Return the FEEL in the ``text`` child of ``element``, empty where there is none."""
        self._check_language(element)
        child = first_child(element, "text")
        if child is None:
            return FeelText("", self.place(element, cell))
        return FeelText(child.text or "", replace(self.place(element, cell), line=line_of(child)))

    def information_item(self, element: Element) -> InformationItem:
        """Return the variable or parameter that ``element`` declares."""
        return InformationItem(normal_name(element.get("name")), self.type_ref(element), self.place(element))

    def _check_language(self, element: Element) -> None:
        language = element.get("expressionLanguage")
        if language and "feel" not in language.lower():
            self.report(
                "dmn.not_feel",
                f"Ngôn ngữ biểu thức {language!r} không được dùng; chỉ nhận FEEL.",
                f"Expression language {language!r} is not accepted, only FEEL.",
                self.place(element),
            )


def finding_at(
    place: Place, code: str, vi: str, en: str, *, line: int | None = None, column: int | None = None
) -> Finding:
    """Return a finding about ``place``; its cell, if any, is put before the text."""
    if place.cell:
        vi, en = f"{cell_in_vietnamese(place.cell)}: {vi}", f"{place.cell}: {en}"
    return Finding(
        code, vi, en, file=place.file, element=place.element, line=line or place.line, column=column
    )


_CELL_WORDS: Final = (
    ("rule", "quy tắc"),
    ("allowed values of input", "giá trị cho phép của đầu vào"),
    ("allowed values of output", "giá trị cho phép của đầu ra"),
    ("default of output", "giá trị mặc định của đầu ra"),
    ("input", "đầu vào"),
    ("output", "đầu ra"),
)


def cell_in_vietnamese(cell: str) -> str:
    """Return ``quy tắc 3, đầu vào 2`` for ``rule 3, input 2``."""
    parts = []
    for part in cell.split(", "):
        words, _, number = part.rpartition(" ")
        parts.append(f"{dict(_CELL_WORDS).get(words, words)} {number}")
    return ", ".join(parts)


def normal_name(raw: str | None) -> str:
    """Return ``raw`` in NFC with single spaces, so that one name has one spelling."""
    return " ".join(unicodedata.normalize("NFC", raw or "").split())


def is_model_element(element: Element) -> bool:
    """Tell whether the element belongs to a DMN version that we read."""
    return namespace_of(element) in MODEL_NAMESPACES


def children(element: Element, *names: str) -> Iterator[Element]:
    """Yield the DMN child elements with one of ``names``, in order; all of them without names."""
    for child in element:
        if is_model_element(child) and (not names or local_name(child) in names):
            yield child


def first_child(element: Element, *names: str) -> Element | None:
    """Return the first DMN child element with one of ``names``."""
    return next(children(element, *names), None)

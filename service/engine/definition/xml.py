"""The one place where XML from outside becomes a tree: hardened, limited, and with errors for people.

A file is refused before the parser sees it when it is too large, is not UTF-8 or opens with a DOCTYPE (so
there are no entities to expand). It is then parsed in pieces and dropped as soon as a limit is passed, so
that a hostile file costs no more than the limit, and then parsed as a whole. Nothing is ever fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree

from service.domain.errors import InvalidInput
from service.engine.definition.rule import Element, Rule, line_of

_CHAPTER = "XML 1.0; docs/deploy-checks.md"


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """What one file may hold; a drawn process of 400 elements stays below a tenth of each.

    Attributes:
        size_bytes: of the whole file.
        elements: number of elements.
        depth: nesting of elements.
        attribute_chars: length of one attribute's value.
        attributes: attributes of one element.
        text_chars: length of one run of text.
        name_chars: length of a tag or attribute name, namespace included.
    """

    size_bytes: int = 5 * 1024 * 1024
    elements: int = 50_000
    depth: int = 64
    attribute_chars: int = 32_768
    attributes: int = 64
    text_chars: int = 131_072
    name_chars: int = 256


def _rule(code: str, vi: str, en: str, mend_vi: str, mend_en: str) -> Rule:
    return Rule(code, _CHAPTER, vi, en, mend_vi, mend_en)


TOO_LARGE = _rule(
    "xml.too_large",
    "Tệp “{file}” lớn {size} byte, quá giới hạn {limit} byte.",
    "File “{file}” has {size} bytes, over the limit of {limit}.",
    "Hãy tách quy trình thành nhiều tệp và nối bằng hoạt động gọi.",
    "Split the process into files joined by call activities.",
)
ENCODING = _rule(
    "xml.encoding",
    "Tệp “{file}” không phải UTF-8: {reason_vi}.",
    "File “{file}” is not UTF-8: {reason_en}.",
    'Lưu lại tệp bằng bảng mã UTF-8 và khai báo encoding="UTF-8".',
    'Save it as UTF-8 and declare encoding="UTF-8".',
)
DOCTYPE = _rule(
    "xml.doctype",
    "Tệp “{file}” có khai báo DOCTYPE, là đường vào của tấn công bằng thực thể XML.",
    "File “{file}” declares a DOCTYPE, the way in for attacks by XML entities.",
    "Xoá khai báo DOCTYPE; BPMN và DMN không cần nó.",
    "Delete the DOCTYPE; BPMN and DMN do not need one.",
)
MALFORMED = _rule(
    "xml.malformed",
    "Tệp “{file}” không phải XML đúng cú pháp ở dòng {line}: {reason_vi}.",
    "File “{file}” is not well-formed XML at line {line}: {reason_en}.",
    "Xuất lại tệp từ trình vẽ sơ đồ, hoặc sửa đúng chỗ đó.",
    "Export it again from the diagram editor, or mend that place.",
)
TOO_DEEP = _rule(
    "xml.too_deep",
    "Phần tử trong “{file}” lồng nhau quá {limit} tầng.",
    "Elements in “{file}” are nested more than {limit} deep.",
    "Giảm số tầng quy trình con lồng nhau.",
    "Nest fewer sub-processes.",
)
TOO_MANY_ELEMENTS = _rule(
    "xml.too_many_elements",
    "Tệp “{file}” có quá {limit} phần tử XML.",
    "File “{file}” has more than {limit} XML elements.",
    "Hãy tách quy trình thành nhiều tệp và nối bằng hoạt động gọi.",
    "Split the process into files joined by call activities.",
)
TOO_LONG = _rule(
    "xml.too_long",
    "Trong “{file}” có {what_vi} quá giới hạn {limit}.",
    "“{file}” has {what_en} over the limit of {limit}.",
    "Rút ngắn nội dung tại dòng đó.",
    "Shorten the content of that line.",
)
PROCESSING_INSTRUCTION = _rule(
    "xml.processing_instruction",
    "Tệp “{file}” có chỉ thị xử lý <?{target}?>, không thuộc BPMN hay DMN.",
    "File “{file}” has the processing instruction <?{target}?>, which is no part of BPMN or DMN.",
    "Xoá chỉ thị xử lý đó.",
    "Delete the instruction.",
)
HIDDEN_DIRECTION = _rule(
    "xml.hidden_direction",
    "Trong “{file}” có ký tự đổi chiều chữ ẩn ({character}), khiến người đọc thấy khác điều máy chạy.",
    "“{file}” holds a hidden text-direction character ({character}): people would read other than what runs.",
    "Xoá ký tự đó; tiếng Việt không cần nó.",
    "Delete the character; Vietnamese needs none.",
)
WRONG_ROOT = _rule(
    "xml.wrong_root",
    "Phần tử gốc của “{file}” là “{found}”, không phải {expected}.",
    "The root element of “{file}” is “{found}”, not {expected}.",
    "Kiểm tra lại loại tệp và đuôi tệp.",
    "Check the kind of file and its suffix.",
)
XML_RULES = (
    TOO_LARGE,
    ENCODING,
    DOCTYPE,
    MALFORMED,
    TOO_DEEP,
    TOO_MANY_ELEMENTS,
    TOO_LONG,
    PROCESSING_INSTRUCTION,
    HIDDEN_DIRECTION,
    WRONG_ROOT,
)

_PIECE_BYTES = 65_536
_HARDENED: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
_UTF8_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(r"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_BEFORE_DOCTYPE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_HIDDEN_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ASCII_COMPATIBLE = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})

_REASONS: dict[str, tuple[str, str]] = {
    "ERR_ATTRIBUTE_REDEFINED": ("một thuộc tính ghi hai lần", "an attribute is given twice"),
    "NS_ERR_ATTRIBUTE_REDEFINED": ("một thuộc tính ghi hai lần", "an attribute is given twice"),
    "ERR_TAG_NAME_MISMATCH": ("thẻ đóng không khớp thẻ mở", "a closing tag does not match its opening tag"),
    "ERR_TAG_NOT_FINISHED": ("thiếu thẻ đóng ở cuối tệp", "the file ends before a tag is closed"),
    "ERR_DOCUMENT_END": ("còn nội dung sau phần tử gốc", "something follows the root element"),
    "ERR_DOCUMENT_EMPTY": ("tệp rỗng hoặc không bắt đầu bằng thẻ", "the file is empty or starts with no tag"),
    "ERR_UNDECLARED_ENTITY": ("dùng thực thể không được phép", "it uses an entity, which is not allowed"),
    "ERR_INVALID_CHAR": ("có ký tự điều khiển không hợp lệ", "it holds a control character"),
    "ERR_LT_IN_ATTRIBUTE": (
        "dấu “<” trong thuộc tính phải viết &lt;",
        "“<” in an attribute must be written &lt;",
    ),
    "ERR_ATTRIBUTE_NOT_STARTED": ("giá trị thuộc tính thiếu dấu nháy", "an attribute's value lacks quotes"),
    "NS_ERR_UNDEFINED_NAMESPACE": (
        "tiền tố không gian tên chưa khai báo",
        "a namespace prefix is not declared",
    ),
    "ERR_RESOURCE_LIMIT": ("vượt giới hạn của bộ đọc XML", "it exceeds a limit of the XML reader"),
}
_REASONS_BY_CODE = {getattr(etree.ErrorTypes, name): words for name, words in _REASONS.items()}
_OTHER_REASON = ("sai cú pháp XML", "the XML syntax is broken")


def parse_xml(content: bytes, file: str, limits: XmlLimits | None = None) -> etree._Element:
    """Return the root element of ``content``.

    Args:
        content: the file, UTF-8.
        file: its name, for the findings.
        limits: what it may hold; None for the house's limits.

    Raises:
        InvalidInput: with one finding of ``XML_RULES`` that names the line.
    """
    bounds = limits or XmlLimits()
    _refuse_before_parsing(content, file, bounds)
    reader = _Reader(file, bounds)
    root = reader.read(content)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refusal(DOCTYPE, file, 1)
    return root


def _refusal(rule: Rule, file: str, line: int | None, **values: Any) -> InvalidInput:
    finding = rule.finding(file, line=line, **values)
    return InvalidInput(rule.code, finding.vi, finding.en, [finding])


def _refuse_before_parsing(content: bytes, file: str, bounds: XmlLimits) -> None:
    if len(content) > bounds.size_bytes:
        raise _refusal(TOO_LARGE, file, None, size=len(content), limit=bounds.size_bytes)
    if b"\x00" in content:
        raise _refusal(
            ENCODING, file, 1, reason_vi="có byte 0 (UTF-16?)", reason_en="it holds zero bytes (UTF-16?)"
        )
    try:
        text = content.removeprefix(_UTF8_BOM).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = {"reason_vi": f"byte thứ {error.start + 1}", "reason_en": f"byte {error.start + 1}"}
        raise _refusal(ENCODING, file, line, **place) from None
    declared = _DECLARATION.match(text)
    if declared and declared[1].lower() not in _ASCII_COMPATIBLE:
        name = declared[1][:40]
        raise _refusal(ENCODING, file, 1, reason_vi=f"khai báo {name}", reason_en=f"it declares {name}")
    _refuse_doctype(text, file)
    if not text.strip():
        reason_vi, reason_en = _REASONS["ERR_DOCUMENT_EMPTY"]
        raise _refusal(MALFORMED, file, 1, reason_vi=reason_vi, reason_en=reason_en)
    hidden = _HIDDEN_DIRECTION.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        raise _refusal(HIDDEN_DIRECTION, file, line, character=f"U+{ord(hidden[0]):04X}")


def _refuse_doctype(text: str, file: str) -> None:
    """Refuse a ``<!`` before the root element that opens no comment: only a DOCTYPE can stand there."""
    position = 0
    while (skipped := _BEFORE_DOCTYPE.match(text, position)) is not None:
        position = skipped.end()
    if text.startswith("<!", position) and not text.startswith("<!--", position):
        raise _refusal(DOCTYPE, file, text.count("\n", 0, position) + 1)


class _Reader:
    """Parses piece by piece and stops at the first limit."""

    def __init__(self, file: str, bounds: XmlLimits) -> None:
        self._file = file
        self._bounds = bounds
        self._depth = 0
        self._elements = 0

    def read(self, content: bytes) -> etree._Element:
        """Return the root; the first pass holds the limits, the second gives the tree and the errors."""
        is_broken = self._scan(content)
        try:
            root = etree.fromstring(content, etree.XMLParser(**_HARDENED))
        except etree.XMLSyntaxError as error:
            raise self._malformed(int(error.lineno or 1), getattr(error, "code", None)) from None
        if is_broken:
            raise self._malformed(1, None)
        for element in root.iter(tag=etree.Element):
            self._watch_text(element)
        return root

    def _scan(self, content: bytes) -> bool:
        """Go through the content up to the first limit or error; say whether there was an error.

        A limit raises. After an error the second pass stops at the same place, so it is bounded too.
        """
        parser = etree.XMLPullParser(events=("start", "end", "pi"), **_HARDENED)
        try:
            for start in range(0, len(content), _PIECE_BYTES):
                parser.feed(content[start : start + _PIECE_BYTES])
                self._watch(parser)
            parser.close()
        except etree.XMLSyntaxError:
            return True
        self._watch(parser)
        return False

    def _watch(self, parser: etree.XMLPullParser) -> None:
        for event, found in parser.read_events():
            element = cast("Element", found)
            if event == "pi":
                raise self._too(
                    PROCESSING_INSTRUCTION, element, target=str(getattr(element, "target", "?"))[:40]
                )
            if event == "end":
                self._depth -= 1
                continue
            self._depth += 1
            self._elements += 1
            self._watch_counts(element)
            self._watch_names(element)

    def _watch_counts(self, element: etree._Element) -> None:
        if self._depth > self._bounds.depth:
            raise self._too(TOO_DEEP, element, limit=self._bounds.depth)
        if self._elements > self._bounds.elements:
            raise self._too(TOO_MANY_ELEMENTS, element, limit=self._bounds.elements)
        if len(element.attrib) > self._bounds.attributes:
            raise self._long(element, "số thuộc tính", "more attributes", self._bounds.attributes)

    def _watch_names(self, element: etree._Element) -> None:
        bounds = self._bounds
        if len(str(element.tag)) > bounds.name_chars:
            raise self._long(element, "tên phần tử dài", "an element name", bounds.name_chars)
        for name, value in element.attrib.items():
            if len(name) > bounds.name_chars:
                raise self._long(element, "tên thuộc tính dài", "an attribute name", bounds.name_chars)
            if len(value) > bounds.attribute_chars:
                raise self._long(element, "thuộc tính dài", "an attribute", bounds.attribute_chars)
            self._watch_direction(element, str(value))

    def _watch_text(self, element: etree._Element) -> None:
        for text in (element.text or "", element.tail or ""):
            if len(text) > self._bounds.text_chars:
                raise self._long(element, "đoạn chữ dài", "a text", self._bounds.text_chars)
            self._watch_direction(element, text)

    def _watch_direction(self, element: etree._Element, text: str) -> None:
        """Refuse a direction character that was written as a character reference."""
        hidden = None if text.isascii() else _HIDDEN_DIRECTION.search(text)
        if hidden is not None:
            raise self._too(HIDDEN_DIRECTION, element, character=f"U+{ord(hidden[0]):04X}")

    def _too(self, rule: Rule, element: etree._Element, **values: Any) -> InvalidInput:
        return _refusal(rule, self._file, line_of(element), **values)

    def _long(self, element: etree._Element, what_vi: str, what_en: str, limit: int) -> InvalidInput:
        return self._too(TOO_LONG, element, what_vi=what_vi, what_en=what_en, limit=limit)

    def _malformed(self, line: int, code: int | None) -> InvalidInput:
        reason_vi, reason_en = _REASONS_BY_CODE.get(code, _OTHER_REASON)
        return _refusal(MALFORMED, self._file, line, reason_vi=reason_vi, reason_en=reason_en)

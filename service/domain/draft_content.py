"""What a draft made from a template says: its text as blocks, and words of heading and signature.

The content is data, so that a template can lay it out by the form that holds, and texts stay texts. It is
checked here as a whole: each fault is a finding with a pointer into ``content``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from service.domain.errors import Finding, InvalidInput
from service.domain.records import clean_text

LONGEST_TEXT: Final = 20_000
LONGEST_LINE: Final = 500
MOST_BLOCKS: Final = 3_000
MOST_LINES: Final = 200
MOST_COLUMNS: Final = 20
MOST_ROWS: Final = 2_000
MOST_WIDTH: Final = 100
"""Of a column, as a share of the others'."""

TEXT_SIZES: Final = (13, 14, 15)
NUMBER_FAMILIES: Final = ("administrative", "normative", "congress")

Findings = list[Finding]
_LINES: Final = {
    "place": "Địa danh",
    "decider": "Thẩm quyền ban hành",
    "footer": "Dòng chân trang",
    "unit_notation": "Ký hiệu đơn vị soạn thảo",
}
_LISTS: Final = {
    "address": "Kính gửi",
    "basis": "Căn cứ",
    "recipient_lines": "Dòng nơi nhận",
}
_GROUPS: Final = {
    "heading": ("superior", "body"),
    "signing": ("collective", "principal", "deputy_of"),
}
"""``heading`` replaces the names of the issuing body; ``signing``: for whom, in whose place one signs."""

BLOCK_KINDS: Final = (
    "paragraph",
    "heading",
    "article",
    "clause",
    "point",
    "list",
    "table",
    "centred",
    "annex",
    "page_break",
)


def clean_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked content with every text in NFC and nothing missing but what may be.

    Args:
        content: ``{blocks, address, basis, recipient_lines, place, decider, footer, unit_notation, heading,
            signing, text_size, number_family}``; all optional. A block has a ``kind`` of :data:`BLOCK_KINDS`,
            and ``text``, ``label``, ``title``, ``level``, ``items``, ``columns``, ``rows`` as its kind asks.

    Raises:
        InvalidInput: ``draft.content``, a finding for each fault.
    """
    findings: Findings = []
    known = {*_LINES, *_LISTS, *_GROUPS, "blocks", "text_size", "number_family"}
    findings += [_unknown(f"/{name}") for name in sorted(set(content) - known)]
    cleaned: dict[str, Any] = {name: _line(content.get(name), f"/{name}", findings) for name in _LINES}
    for name in _LISTS:
        cleaned[name] = _lines(content.get(name), f"/{name}", findings)
    for name, parts in _GROUPS.items():
        cleaned[name] = _group(content.get(name), parts, f"/{name}", findings)
    cleaned["blocks"] = _blocks(content.get("blocks"), findings)
    cleaned["text_size"] = content.get("text_size", 14)
    if cleaned["text_size"] not in TEXT_SIZES:
        findings.append(_fault("/text_size", "Cỡ chữ phải là 13, 14 hoặc 15.", "The size is 13, 14 or 15."))
    cleaned["number_family"] = content.get("number_family", NUMBER_FAMILIES[0])
    if cleaned["number_family"] not in NUMBER_FAMILIES:
        known_families = ", ".join(NUMBER_FAMILIES)
        findings.append(
            _fault("/number_family", f"Một trong: {known_families}.", f"One of: {known_families}.")
        )
    if findings:
        vi, en = "Nội dung dự thảo chưa đúng.", "The content of the draft is not right."
        raise InvalidInput("draft.content", vi, en, _below(findings, "/content"))
    return cleaned


def plain_text(value: Any) -> str:
    """Return the words of a text or of runs."""
    return value if isinstance(value, str) else "".join(run["text"] for run in value or ())


def texts_of(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text of cleaned content with its pointer, for checks of letters and words."""
    for name in (*_LINES, *_LISTS, *_GROUPS, "blocks"):
        yield from _walk(content.get(name), f"/content/{name}")


def _walk(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if key not in {"kind", "align"}:
                yield from _walk(one, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _walk(one, f"{pointer}/{index}")


def _below(findings: Findings, head: str) -> Findings:
    return [Finding(one.code, one.vi, one.en, head + one.pointer) for one in findings]


def _fault(pointer: str, vi: str, en: str) -> Finding:
    return Finding("draft.content", vi, en, pointer)


def _unknown(pointer: str) -> Finding:
    return Finding("field.unknown", "Không có trường này.", "There is no such field.", pointer)


def _line(value: Any, pointer: str, findings: Findings, longest: int = LONGEST_LINE) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        findings.append(_fault(pointer, "Phải là chữ.", "Must be text."))
        return ""
    cleaned = clean_text(value)
    if len(cleaned) > longest:
        vi, en = f"Dài quá {longest} ký tự.", f"Longer than {longest} characters."
        findings.append(_fault(pointer, vi, en))
    return cleaned


def _text(value: Any, pointer: str, findings: Findings) -> Any:
    """Return a text, or runs ``[{text, bold?, italic?, underlined?}]``."""
    if not isinstance(value, list):
        return _line(value, pointer, findings, LONGEST_TEXT)
    runs: list[dict[str, Any]] = []
    for index, run in enumerate(value):
        at = f"{pointer}/{index}"
        if not isinstance(run, Mapping) or set(run) - {"text", "bold", "italic", "underlined"}:
            findings.append(
                _fault(at, "Đoạn chữ không đúng dạng.", "A run has text, bold, italic, underlined.")
            )
            continue
        styles = {name: run[name] is True for name in ("bold", "italic", "underlined") if name in run}
        text = run.get("text")
        runs.append({"text": text if isinstance(text, str) else "", **styles})
    if sum(len(run["text"]) for run in runs) > LONGEST_TEXT:
        vi, en = f"Dài quá {LONGEST_TEXT} ký tự.", f"Longer than {LONGEST_TEXT} characters."
        findings.append(_fault(pointer, vi, en))
    return [run | {"text": clean_run(run["text"])} for run in runs]


def clean_run(text: str) -> str:
    """Return a run's text cleaned; blanks at its ends stand between runs and stay."""
    cleaned = clean_text(text)
    head = " " if text[:1].isspace() and cleaned else ""
    tail = " " if text[-1:].isspace() and cleaned else ""
    return f"{head}{cleaned}{tail}"


def _lines(value: Any, pointer: str, findings: Findings) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST_LINES:
        findings.append(_fault(pointer, f"Phải là tối đa {MOST_LINES} dòng.", f"At most {MOST_LINES} lines."))
        return []
    found = [_line(one, f"{pointer}/{index}", findings, 4 * LONGEST_LINE) for index, one in enumerate(value)]
    return [one for one in found if one]


def _group(value: Any, parts: tuple[str, ...], pointer: str, findings: Findings) -> dict[str, str]:
    given = value if value is not None else {}
    if not isinstance(given, Mapping):
        findings.append(_fault(pointer, "Phải là một đối tượng.", "Must be an object."))
        return dict.fromkeys(parts, "")
    findings += [_unknown(f"{pointer}/{name}") for name in sorted(set(given) - set(parts))]
    return {name: _line(given.get(name), f"{pointer}/{name}", findings) for name in parts}


def _blocks(value: Any, findings: Findings) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST_BLOCKS:
        vi, en = f"Phải là tối đa {MOST_BLOCKS} khối.", f"At most {MOST_BLOCKS} blocks."
        findings.append(_fault("/blocks", vi, en))
        return []
    return [_block(one, f"/blocks/{index}", findings) for index, one in enumerate(value)]


def _block(value: Any, pointer: str, findings: Findings) -> dict[str, Any]:
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if kind not in BLOCK_KINDS:
        known = ", ".join(BLOCK_KINDS)
        findings.append(_fault(f"{pointer}/kind", f"Loại khối: {known}.", f"The kind of a block: {known}."))
        return {"kind": "page_break"}
    reader = _READERS.get(str(kind), _read_text)
    allowed = _MEMBERS.get(str(kind), {"text", "label"})
    findings += [_unknown(f"{pointer}/{name}") for name in sorted(set(value) - allowed - {"kind"})]
    return {"kind": kind, **reader(value, pointer, findings)}


def _read_text(value: Mapping[str, Any], pointer: str, findings: Findings) -> dict[str, Any]:
    text = _text(value.get("text"), f"{pointer}/text", findings)
    if not plain_text(text) and not value.get("title"):
        findings.append(_fault(f"{pointer}/text", "Khối còn trống.", "The block is empty."))
    lines = {name: value.get(name) for name in ("label", "title", "reference")}
    return {
        "text": text,
        **{name: _line(one, f"{pointer}/{name}", findings) for name, one in lines.items() if one is not None},
    }


def _read_heading(value: Mapping[str, Any], pointer: str, findings: Findings) -> dict[str, Any]:
    level = value.get("level", 1)
    if level not in (0, 1, 2, 3):
        findings.append(_fault(f"{pointer}/level", "Cấp từ 0 đến 3.", "A level from 0 to 3."))
        level = 1
    found = _read_text(value, pointer, findings)
    return found | {"text": plain_text(found["text"]), "level": level}


def _read_list(value: Mapping[str, Any], pointer: str, findings: Findings) -> dict[str, Any]:
    items = value.get("items")
    if not isinstance(items, list) or not 0 < len(items) <= MOST_ROWS:
        vi, en = f"Danh sách có từ 1 đến {MOST_ROWS} mục.", f"A list has 1 to {MOST_ROWS} items."
        findings.append(_fault(f"{pointer}/items", vi, en))
        return {"items": []}
    return {"items": [_text(one, f"{pointer}/items/{index}", findings) for index, one in enumerate(items)]}


def _read_table(value: Mapping[str, Any], pointer: str, findings: Findings) -> dict[str, Any]:
    columns = _columns(value.get("columns"), f"{pointer}/columns", findings)
    rows = value.get("rows")
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        vi, en = f"Bảng có tối đa {MOST_ROWS} dòng.", f"A table has at most {MOST_ROWS} rows."
        findings.append(_fault(f"{pointer}/rows", vi, en))
        rows = []
    cleaned = []
    for index, row in enumerate(rows):
        at = f"{pointer}/rows/{index}"
        if not isinstance(row, list) or len(row) != len(columns):
            vi = f"Mỗi dòng có {len(columns)} ô, như số cột."
            findings.append(_fault(at, vi, f"Each row has {len(columns)} cells, as many as columns."))
            continue
        cleaned.append([_text(cell, f"{at}/{place}", findings) for place, cell in enumerate(row)])
    caption = _line(value.get("caption"), f"{pointer}/caption", findings)
    return {"columns": columns, "rows": cleaned, "caption": caption}


def _columns(value: Any, pointer: str, findings: Findings) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_COLUMNS:
        vi, en = f"Bảng có từ 1 đến {MOST_COLUMNS} cột.", f"A table has 1 to {MOST_COLUMNS} columns."
        findings.append(_fault(pointer, vi, en))
        return []
    return [_column(one, f"{pointer}/{index}", findings) for index, one in enumerate(value)]


def _column(value: Any, pointer: str, findings: Findings) -> dict[str, Any]:
    given: Mapping[str, Any] = value if isinstance(value, Mapping) else {"title": value}
    width, align = given.get("width", 1), given.get("align", "left")
    is_number = type(width) in (int, float, Decimal)
    is_sound = is_number and 0 < width <= MOST_WIDTH and align in ("left", "center", "right")
    if not is_sound or set(given) - {"title", "width", "align"}:
        vi, en = (
            "Cột có title, width từ 0 đến 100, align.",
            "A column has a title, a width up to 100 and an align.",
        )
        findings.append(_fault(pointer, vi, en))
        width, align = 1, "left"
    return {
        "title": _line(given.get("title"), f"{pointer}/title", findings),
        "width": float(width),
        "align": align,
    }


def _read_nothing(_value: Mapping[str, Any], _pointer: str, _findings: Findings) -> dict[str, Any]:
    return {}


Reader = Callable[[Mapping[str, Any], str, Findings], dict[str, Any]]
_READERS: Final[Mapping[str, Reader]] = {
    "heading": _read_heading,
    "list": _read_list,
    "table": _read_table,
    "page_break": _read_nothing,
}
_MEMBERS: Final[Mapping[str, set[str]]] = {
    "heading": {"text", "label", "level"},
    "article": {"text", "label", "title"},
    "annex": {"text", "label", "reference"},
    "paragraph": {"text"},
    "centred": {"text"},
    "list": {"items"},
    "table": {"columns", "rows", "caption"},
    "page_break": set(),
}

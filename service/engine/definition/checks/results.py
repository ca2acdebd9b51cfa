"""What an expression must give where it stands, as far as its text alone shows; and what it can see there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from service.engine.definition.model import Model
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.sites import Site, expression_sites
from service.feel import ast

_CHAPTER = "docs/bpmn-dialect.md, Expressions"

_KINDS: Final[Mapping[type[ast.Node], str]] = {
    ast.Number: "number",
    ast.Text: "text",
    ast.Boolean: "boolean",
    ast.Null: "null",
    ast.Temporal: "temporal",
    ast.ListLiteral: "list",
    ast.ContextLiteral: "context",
    ast.Comparison: "boolean",
    ast.Conjunction: "boolean",
    ast.Disjunction: "boolean",
    ast.Between: "boolean",
    ast.In: "boolean",
    ast.Quantified: "boolean",
    ast.InstanceOf: "boolean",
    ast.For: "list",
    ast.FunctionDefinition: "function",
}
"""The kind of value that a tree can only give; trees not named here may give several."""

_KIND_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "number": ("số", "a number"),
    "text": ("chuỗi", "a text"),
    "boolean": ("đúng/sai", "true or false"),
    "null": ("null", "null"),
    "temporal": ("ngày giờ hoặc khoảng thời gian", "a date, time or duration"),
    "list": ("danh sách", "a list"),
    "context": ("ngữ cảnh {…}", "a context {…}"),
    "function": ("hàm", "a function"),
}

_WANTED: Final[Mapping[str, frozenset[str]]] = {
    "condition": frozenset({"boolean"}),
    "loopCondition": frozenset({"boolean"}),
    "completionCondition": frozenset({"boolean"}),
    "loopCardinality": frozenset({"number"}),
    "timer": frozenset({"temporal", "text"}),
    "property may_start": frozenset({"text", "list"}),
    "property potential_owners": frozenset({"text", "list"}),
    "property excluded_owners": frozenset({"text", "list"}),
    "property assigner": frozenset({"text"}),
    "property due": frozenset({"temporal"}),
    "property deadline_rule": frozenset({"context"}),
    "property urgency": frozenset({"text"}),
    "property subject": frozenset({"text"}),
    "property payload": frozenset({"context"}),
}


def _wanted(site: Site) -> frozenset[str] | None:
    """Return the kinds that may stand at a site; None where any may."""
    if site.what == "script":
        has_variable = site.node is not None and "result_variable" in site.node.properties
        return None if has_variable else frozenset({"context"})
    return _WANTED.get(site.what)


def _wrong_kind(model: Model) -> Iterator[Fault]:
    for site in expression_sites(model):
        wanted = _wanted(site)
        kind = _KINDS.get(type(site.expression.tree)) if site.expression is not None else None
        if wanted is None or kind is None or kind in wanted:
            continue
        names = [_KIND_NAMES[one] for one in sorted(wanted)]
        values = {
            "what": site.what,
            "found_vi": _KIND_NAMES[kind][0],
            "found_en": _KIND_NAMES[kind][1],
            "wanted_vi": " hoặc ".join(vi for vi, _ in names),
            "wanted_en": " or ".join(en for _, en in names),
        }
        yield Fault(site.diagram, site.xml, values)


def _sees_no_variables(site: Site) -> bool:
    """Say whether a site is evaluated before there is an instance."""
    if site.what == "property may_start":
        return True
    is_start = site.node is not None and site.node.tag == "startEvent" and site.container.is_process
    return site.what == "timer" and is_start


def _too_early(model: Model) -> Iterator[Fault]:
    for site in expression_sites(model):
        names = site.expression.free_names if site.expression is not None else frozenset()
        if names and _sees_no_variables(site):
            yield Fault(site.diagram, site.xml, {"what": site.what, "names": ", ".join(sorted(names))[:120]})


CHECKS = (
    Check(
        Rule(
            "expression.wrong_kind",
            _CHAPTER,
            "Biểu thức của “{id}” ({what}) cho {found_vi}.",
            "The expression of “{id}” ({what}) gives {found_en}.",
            "Chỗ này cần {wanted_vi}.",
            "Here {wanted_en} is needed.",
        ),
        _wrong_kind,
    ),
    Check(
        Rule(
            "expression.too_early",
            _CHAPTER,
            "Biểu thức của “{id}” ({what}) dùng “{names}”, nhưng lúc tính chưa có biến nào.",
            "The expression of “{id}” ({what}) uses “{names}”, but no variables exist when it is evaluated.",
            "Chỉ dùng giá trị cố định và hàm: quy trình chưa bắt đầu.",
            "Use constants and functions only: no instance has started yet.",
        ),
        _too_early,
    ),
)

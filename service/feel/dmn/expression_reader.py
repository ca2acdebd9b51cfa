"""Boxed expressions from XML (DMN 1.5 §7.3, §8.3, §10.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.feel.dmn.model import (
    Binding,
    BoxedContext,
    BoxedFilter,
    BoxedIterator,
    BoxedList,
    Conditional,
    ContextEntry,
    Expression,
    FeelText,
    FunctionDefinition,
    InformationItem,
    Invocation,
    IteratorKind,
    LiteralExpression,
    Relation,
)
from service.feel.dmn.source import Source, children, first_child, normal_name
from service.feel.dmn.table_reader import read_decision_table
from service.feel.dmn.xml import Element, local_name


def read_child_expression(source: Source, parent: Element) -> Expression | None:
    """Return the boxed expression directly inside ``parent``, ``None`` where there is none."""
    for child in children(parent):
        reader = _READERS.get(local_name(child))
        if reader is not None:
            return reader(source, child)
    return None


def read_function(source: Source, element: Element) -> FunctionDefinition:
    """Return the function that ``element`` (``functionDefinition`` or ``encapsulatedLogic``) defines."""
    return FunctionDefinition(
        parameters=tuple(source.information_item(child) for child in children(element, "formalParameter")),
        body=read_child_expression(source, element),
        kind=_kind(element),
        type_ref=source.type_ref(element),
        place=source.place(element),
    )


def _kind(element: Element) -> str:
    """Return the function's kind; DMN 1.1 tools wrote it as an attribute of their own namespace."""
    for name, value in element.attrib.items():
        if str(name).rpartition("}")[2] == "kind":
            kind = str(value)
            return {"F": "FEEL", "J": "Java", "P": "PMML"}.get(kind, kind)
    return "FEEL"


def _needed(source: Source, parent: Element) -> Expression:
    """Return the expression inside ``parent``; a missing one is a finding and reads as an empty literal."""
    expression = read_child_expression(source, parent)
    if expression is not None:
        return expression
    place = source.place(parent)
    source.report(
        "dmn.expression_missing",
        f"Phần tử <{local_name(parent)}> thiếu biểu thức.",
        f"<{local_name(parent)}> has no expression.",
        place,
    )
    return LiteralExpression(FeelText("", place), None, place)


def _needed_in(source: Source, element: Element, name: str) -> Expression:
    child = first_child(element, name)
    return _needed(source, element if child is None else child)


def _read_literal(source: Source, element: Element) -> Expression:
    if first_child(element, "importedValues") is not None:
        source.report(
            "dmn.imported_values",
            "Biểu thức lấy giá trị từ tệp khác (importedValues) không được hỗ trợ.",
            "Values imported from another file (importedValues) are not supported.",
            source.place(element),
        )
    return LiteralExpression(source.feel_text(element), source.type_ref(element), source.place(element))


def _read_context(source: Source, element: Element) -> Expression:
    entries = []
    for child in children(element, "contextEntry"):
        variable = first_child(child, "variable")
        entries.append(
            ContextEntry(
                variable=None if variable is None else source.information_item(variable),
                value=_needed(source, child),
                place=source.place(child),
            )
        )
    return BoxedContext(tuple(entries), source.type_ref(element), source.place(element))


def _read_invocation(source: Source, element: Element) -> Expression:
    bindings = []
    for child in children(element, "binding"):
        parameter = first_child(child, "parameter")
        value = read_child_expression(source, child)
        if parameter is not None and value is not None:
            bindings.append(Binding(source.information_item(parameter), value))
    return Invocation(
        _needed(source, element), tuple(bindings), source.type_ref(element), source.place(element)
    )


def _read_items(source: Source, element: Element) -> tuple[Expression, ...]:
    readers = ((child, _READERS.get(local_name(child))) for child in children(element))
    return tuple(reader(source, child) for child, reader in readers if reader is not None)


def _read_list(source: Source, element: Element) -> Expression:
    return BoxedList(_read_items(source, element), source.type_ref(element), source.place(element))


def _read_relation(source: Source, element: Element) -> Expression:
    columns = tuple(source.information_item(child) for child in children(element, "column"))
    rows = []
    for child in children(element, "row"):
        row = _read_items(source, child)
        if len(row) != len(columns):
            source.report(
                "dmn.relation_width",
                f"Dòng có {len(row)} ô, bảng quan hệ có {len(columns)} cột.",
                f"The row has {len(row)} cells, the relation {len(columns)} columns.",
                source.place(child),
            )
        rows.append(row)
    return Relation(columns, tuple(rows), source.type_ref(element), source.place(element))


def _read_conditional(source: Source, element: Element) -> Expression:
    return Conditional(
        condition=_needed_in(source, element, "if"),
        then=_needed_in(source, element, "then"),
        otherwise=_needed_in(source, element, "else"),
        type_ref=source.type_ref(element),
        place=source.place(element),
    )


def _read_filter(source: Source, element: Element) -> Expression:
    return BoxedFilter(
        source=_needed_in(source, element, "in"),
        match=_needed_in(source, element, "match"),
        type_ref=source.type_ref(element),
        place=source.place(element),
    )


def _read_iterator(source: Source, element: Element) -> Expression:
    kind = IteratorKind(local_name(element))
    collection = first_child(element, "in")
    return BoxedIterator(
        kind=kind,
        variable=normal_name(element.get("iteratorVariable")),
        item_type_ref=None if collection is None else source.type_ref(collection),
        source=_needed_in(source, element, "in"),
        body=_needed_in(source, element, "return" if kind is IteratorKind.FOR else "satisfies"),
        type_ref=source.type_ref(element),
        place=source.place(element),
    )


_READERS: Final[dict[str, Callable[[Source, Element], Expression]]] = {
    "literalExpression": _read_literal,
    "decisionTable": read_decision_table,
    "context": _read_context,
    "invocation": _read_invocation,
    "list": _read_list,
    "relation": _read_relation,
    "functionDefinition": read_function,
    "conditional": _read_conditional,
    "filter": _read_filter,
    "for": _read_iterator,
    "some": _read_iterator,
    "every": _read_iterator,
}


def unnamed_item(source: Source, element: Element, name: str) -> InformationItem:
    """Return the variable of a DRG element that declares none: it is called as the element is."""
    return InformationItem(name, None, source.place(element))

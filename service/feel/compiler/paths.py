"""Names, paths and filters: how an expression reaches into data.

The data of the host is plain Python. Names, paths and filters therefore come in two forms: the *raw* one
passes Python data on unconverted, for a path or filter around it; the usual one converts what it finally
yields.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from service.feel import ast
from service.feel.compiler.builder import Builder, Code
from service.feel.convert import to_feel
from service.feel.errors import Place
from service.feel.runtime import Run
from service.feel.scope import Scope
from service.feel.values import CONTEXT
from service.feel.values.operations import MISSING, property_of
from service.feel.values.reasons import kind_words

_READY: Final = frozenset({str, bool, type(None)})


def compile_name(builder: Builder, node: ast.Name) -> Code:
    """The value of a variable, else the function of that name, else a path for ``a.b``, else null."""
    name, missing = node.name, _compile_missing(builder, node)

    def evaluate(scope: Scope) -> Any:
        frame: Scope | None = scope
        while frame is not None:
            names = frame.names
            if name in names:
                value = names[name]
                if not frame.raw or type(value) in _READY:
                    return value
                return scope.run.convert(value)
            frame = frame.parent
        return missing(scope)

    return evaluate


def compile_raw(builder: Builder, node: ast.Node) -> Code:
    """Return code that may give plain Python data where ``node`` reaches into the data of the host."""
    if isinstance(node, ast.Name):
        return _raw_name(builder, node)
    if isinstance(node, ast.Path):
        return _raw_path(builder, node)
    if isinstance(node, ast.Filter):
        return _raw_filter(builder, node)
    return builder.compile(node)


def reaches_data(node: ast.Node) -> bool:
    """Tell whether the raw form of ``node`` may give unconverted data."""
    while isinstance(node, (ast.Path, ast.Filter)):
        node = node.base
    return isinstance(node, ast.Name)


def _raw_name(builder: Builder, node: ast.Name) -> Code:
    name, missing = node.name, _compile_missing(builder, node)

    def evaluate(scope: Scope) -> Any:
        frame: Scope | None = scope
        while frame is not None:
            names = frame.names
            if name in names:
                return names[name]
            frame = frame.parent
        return missing(scope)

    return evaluate


def _compile_missing(builder: Builder, node: ast.Name) -> Code:
    """What an unknown name is: a function, a path that was read as one dotted name, or null."""
    name, place = node.name, builder.place(node)
    function = builder.library.get(name)
    path = _dotted_path(builder, node)

    def evaluate(scope: Scope) -> Any:
        run = scope.run
        found = run.functions.get(name, function)
        if found is not None:
            return found
        if path is not None:
            return path(scope)
        run.place = place
        run.report("feel.unknown_name", f"Không có biến '{name}'.", f"There is no variable '{name}'.")
        return None

    return evaluate


def _dotted_path(builder: Builder, node: ast.Name) -> Code | None:
    first, *rest = node.name.split(".")
    if not rest or not first or not all(rest):
        return None
    path: ast.Node = ast.Name(node.at, first.strip())
    for part in rest:
        path = ast.Path(node.at, path, part.strip())
    return builder.compile(path)


def compile_path(builder: Builder, node: ast.Path) -> Code:
    """``base.name``: an entry, a property, or for a list the entries of its items."""
    return _converted(_raw_path(builder, node)) if reaches_data(node) else _raw_path(builder, node)


def compile_filter(builder: Builder, node: ast.Filter) -> Code:
    """``base[index]`` or ``base[condition]``."""
    return _converted(_raw_filter(builder, node)) if reaches_data(node) else _raw_filter(builder, node)


def _converted(raw: Code) -> Code:
    def evaluate(scope: Scope) -> Any:
        value = raw(scope)
        return value if type(value) in _READY else scope.run.convert(value)

    return evaluate


def _raw_path(builder: Builder, node: ast.Path) -> Code:
    base, name, place = compile_raw(builder, node.base), node.name, builder.place(node)

    def evaluate(scope: Scope) -> Any:
        owner = base(scope)
        part = owner.get(name, MISSING) if type(owner) is dict else member(owner, name, scope.run)
        if part is not MISSING:
            return part
        scope.run.place = place
        _report_missing(scope.run, owner, name)
        return None

    return evaluate


def member(owner: Any, name: str, run: Run) -> Any:
    """Return the part ``name`` of FEEL or Python data, or MISSING; of a list, the parts of its items."""
    if isinstance(owner, Mapping):
        return owner.get(name, MISSING)
    if isinstance(owner, (list, tuple)):
        run.spend(len(owner))
        parts = [member(item, name, run) for item in owner]
        return [None if part is MISSING else part for part in parts]
    return property_of(to_feel(owner), name)


def _report_missing(run: Run, owner: Any, name: str) -> None:
    if owner is None:
        run.report(
            "feel.null_path",
            f"Không lấy được '{name}' từ null.",
            f"'{name}' is asked of null, which has no parts.",
        )
        return
    kind = kind_words({}) if isinstance(owner, Mapping) else kind_words(to_feel(owner))
    run.report(
        "feel.unknown_entry", f"Giá trị kiểu {kind.vi} không có '{name}'.", f"This {kind.en} has no '{name}'."
    )


def _raw_filter(builder: Builder, node: ast.Filter) -> Code:
    base, place = compile_raw(builder, node.base), builder.place(node)
    index = _literal_index(node.condition)
    if index is not None:
        return _index_code(base, index, place)
    raw = reaches_data(node.base)
    condition, steps = builder.compile_body(node.condition)

    def evaluate(scope: Scope) -> Any:
        items = as_items(base(scope))
        run = scope.run
        run.place = place
        run.spend(len(items) * steps)
        outer = Scope({}, scope, run, raw=raw)
        inner = Scope({}, outer, run, raw=raw)
        kept: list[Any] = []
        for at, item in enumerate(items):
            outer.names = {"item": item}
            inner.names = item if isinstance(item, Mapping) else {}
            answer = condition(inner)
            if answer is True:
                kept.append(item)
            elif at == 0 and type(answer) is Decimal:
                run.place = place
                return _pick(items, answer, run)
        return kept

    return evaluate


def as_items(value: Any) -> list[Any] | tuple[Any, ...]:
    """Return a list as it is, null as no items and any other value as a list of it."""
    if isinstance(value, (list, tuple)):
        return value
    return [] if value is None else [value]


def _literal_index(node: ast.Node) -> Decimal | None:
    if isinstance(node, ast.Number):
        return node.value
    if isinstance(node, ast.Negation) and isinstance(node.operand, ast.Number):
        return CONTEXT.minus(node.operand.value)
    return None


def _index_code(base: Code, index: Decimal, place: Place) -> Code:
    def evaluate(scope: Scope) -> Any:
        items = as_items(base(scope))
        scope.run.place = place
        return _pick(items, index, scope.run)

    return evaluate


def _pick(items: list[Any] | tuple[Any, ...], index: Decimal, run: Run) -> Any:
    """Return the item at a 1-based index, negative from the end; null with a reason outside."""
    size = len(items)
    if index == index.to_integral_value(context=CONTEXT) and 1 <= index.copy_abs() <= size:
        at = int(index)
        return items[at - 1 if at > 0 else at]
    run.report(
        "feel.index",
        f"Danh sách có {size} phần tử, không có phần tử thứ {index}.",
        f"The list has {size} items, there is no item {index}.",
    )
    return None

"""Writes a tree as FEEL text, in one normal form: parsing that text gives the same tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from service.feel import ast
from service.feel.names import is_word, normalised
from service.feel.scanner import KEYWORDS

_LOOSE: Final = 0
_DISJUNCTION: Final = 1
_CONJUNCTION: Final = 2
_COMPARISON: Final = 3
_ADDITIVE: Final = 4
_MULTIPLICATIVE: Final = 5
_POWER: Final = 6
_SIGN: Final = 7
_INSTANCE: Final = 8
_POSTFIX: Final = 9

_ARITHMETIC_LEVELS: Final = {
    "+": _ADDITIVE,
    "-": _ADDITIVE,
    "*": _MULTIPLICATIVE,
    "/": _MULTIPLICATIVE,
    "**": _POWER,
}
_LEVELS: Final[dict[type[ast.Node], int]] = {
    ast.If: _LOOSE,
    ast.For: _LOOSE,
    ast.Quantified: _LOOSE,
    ast.FunctionDefinition: _LOOSE,
    ast.Disjunction: _DISJUNCTION,
    ast.Conjunction: _CONJUNCTION,
    ast.Comparison: _COMPARISON,
    ast.Between: _COMPARISON,
    ast.In: _COMPARISON,
    ast.Negation: _SIGN,
    ast.InstanceOf: _INSTANCE,
}
_ESCAPES: Final = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_GENERIC: Final = frozenset({"list", "context", "range", "function"})
_SAFE_HIGH_ENDS: Final = (ast.Number, ast.Text, ast.Boolean, ast.Null, ast.Temporal, ast.Name)


def print_node(node: ast.Node) -> str:
    """Return ``node`` as FEEL text."""
    return _WRITERS[type(node)](node)


def _level(node: ast.Node) -> int:
    if isinstance(node, ast.Arithmetic):
        return _ARITHMETIC_LEVELS[node.steps[0].operator]
    return _LEVELS.get(type(node), _POSTFIX)


def _at_least(level: int, node: ast.Node) -> str:
    """Write ``node``, in parentheses if it binds looser than ``level``."""
    text = print_node(node)
    return text if _level(node) >= level else f"({text})"


def _commas(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _key(key: str) -> str:
    bare = is_word(key) and key not in KEYWORDS and normalised(key) == key
    return key if bare else _quoted(key)


def _context(node: ast.ContextLiteral) -> str:
    return "{" + _commas(f"{_key(entry.key)}: {print_node(entry.value)}" for entry in node.entries) + "}"


def _range(node: ast.RangeLiteral) -> str:
    high = print_node(node.high)
    if not isinstance(node.high, _SAFE_HIGH_ENDS):
        high = f"({high})"
    opening = "[" if node.low_included else "("
    closing = "]" if node.high_included else ")"
    return f"{opening}{print_node(node.low)}..{high}{closing}"


def _function(node: ast.FunctionDefinition) -> str:
    parameters = _commas(
        parameter.name if parameter.type is None else f"{parameter.name}: {print_node(parameter.type)}"
        for parameter in node.parameters
    )
    return f"function({parameters}) {'external ' if node.external else ''}{print_node(node.body)}"


def _if(node: ast.If) -> str:
    branches = "".join(
        f"if {print_node(condition)} then {print_node(result)} else " for condition, result in node.branches
    )
    otherwise = print_node(node.otherwise)
    return branches + (f"({otherwise})" if isinstance(node.otherwise, ast.If) else otherwise)


def _iterator(node: ast.Iterator) -> str:
    domain = print_node(node.domain)
    return (
        f"{node.name} in {domain}" if node.end is None else f"{node.name} in {domain}..{print_node(node.end)}"
    )


def _for(node: ast.For) -> str:
    return f"for {_commas(map(_iterator, node.iterators))} return {print_node(node.body)}"


def _quantified(node: ast.Quantified) -> str:
    word = "every" if node.every else "some"
    return f"{word} {_commas(map(_iterator, node.iterators))} satisfies {print_node(node.condition)}"


def _disjunction(node: ast.Disjunction) -> str:
    return " or ".join(_at_least(_CONJUNCTION, operand) for operand in node.operands)


def _conjunction(node: ast.Conjunction) -> str:
    return " and ".join(_at_least(_COMPARISON, operand) for operand in node.operands)


def _comparison(node: ast.Comparison) -> str:
    return f"{_at_least(_COMPARISON, node.left)} {node.operator} {_at_least(_ADDITIVE, node.right)}"


def _between(node: ast.Between) -> str:
    low, high = _at_least(_ADDITIVE, node.low), _at_least(_ADDITIVE, node.high)
    return f"{_at_least(_COMPARISON, node.value)} between {low} and {high}"


def _test(node: ast.Node) -> str:
    if isinstance(node, ast.OneSided):
        return f"{node.operator} {_at_least(_ADDITIVE, node.operand)}"
    return print_node(node)


def _in(node: ast.In) -> str:
    value = _at_least(_COMPARISON, node.value)
    if len(node.tests) > 1:
        return f"{value} in ({_commas(map(_test, node.tests))})"
    test = node.tests[0]
    return f"{value} in {_test(test) if isinstance(test, ast.OneSided) else _at_least(_ADDITIVE, test)}"


def _arithmetic(node: ast.Arithmetic) -> str:
    tighter = _level(node) + 1
    steps = "".join(f" {step.operator} {_at_least(tighter, step.operand)}" for step in node.steps)
    return _at_least(tighter, node.first) + steps


def _instance_of(node: ast.InstanceOf) -> str:
    """Write the operator; a bare ``list`` at the end would take a ``<`` that follows for its own."""
    text = f"{_at_least(_INSTANCE, node.value)} instance of {print_node(node.type)}"
    last = node.type
    while isinstance(last, ast.FunctionTypeNode):
        last = last.result
    return f"({text})" if isinstance(last, ast.NamedType) and last.name in _GENERIC else text


def _unary_tests(node: ast.UnaryTests) -> str:
    if not node.tests:
        return "-"
    tests = _commas(map(_test, node.tests))
    if node.negated:
        return f"not({tests})"
    match node.tests:
        case (ast.Call(function=ast.Name(name="not")) | ast.NamedCall(function=ast.Name(name="not")),):
            return f"({tests})"
    return tests


def _call(node: ast.Call) -> str:
    return f"{_at_least(_POSTFIX, node.function)}({_commas(map(print_node, node.arguments))})"


def _named_call(node: ast.NamedCall) -> str:
    arguments = _commas(f"{entry.key}: {print_node(entry.value)}" for entry in node.arguments)
    return f"{_at_least(_POSTFIX, node.function)}({arguments})"


def _context_type(node: ast.ContextTypeNode) -> str:
    return f"context<{_commas(f'{name}: {print_node(part)}' for name, part in node.entries)}>"


def _function_type(node: ast.FunctionTypeNode) -> str:
    return f"function<{_commas(map(print_node, node.parameters))}> -> {print_node(node.result)}"


_WRITERS: Final[dict[type[ast.Node], Callable[[Any], str]]] = {
    ast.Number: lambda node: str(node.value),
    ast.Text: lambda node: _quoted(node.value),
    ast.Boolean: lambda node: "true" if node.value else "false",
    ast.Null: lambda _node: "null",
    ast.Temporal: lambda node: f"@{_quoted(node.text)}",
    ast.Name: lambda node: node.name,
    ast.ListLiteral: lambda node: f"[{_commas(map(print_node, node.items))}]",
    ast.ContextLiteral: _context,
    ast.RangeLiteral: _range,
    ast.OneSided: lambda node: f"({_test(node)})",
    ast.FunctionDefinition: _function,
    ast.If: _if,
    ast.For: _for,
    ast.Quantified: _quantified,
    ast.Disjunction: _disjunction,
    ast.Conjunction: _conjunction,
    ast.Comparison: _comparison,
    ast.Between: _between,
    ast.In: _in,
    ast.Arithmetic: _arithmetic,
    ast.Negation: lambda node: f"-{_at_least(_SIGN, node.operand)}",
    ast.InstanceOf: _instance_of,
    ast.Path: lambda node: f"{_at_least(_POSTFIX, node.base)}.{node.name}",
    ast.Filter: lambda node: f"{_at_least(_POSTFIX, node.base)}[{print_node(node.condition)}]",
    ast.Call: _call,
    ast.NamedCall: _named_call,
    ast.UnaryTests: _unary_tests,
    ast.NamedType: lambda node: node.name,
    ast.ListTypeNode: lambda node: f"list<{print_node(node.element)}>",
    ast.RangeTypeNode: lambda node: f"range<{print_node(node.element)}>",
    ast.ContextTypeNode: _context_type,
    ast.FunctionTypeNode: _function_type,
}

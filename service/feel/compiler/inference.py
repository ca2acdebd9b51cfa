"""What can be told about a value's type before it is there: enough for the type of a function's result."""

from __future__ import annotations

from typing import Final

from service.feel import ast
from service.feel.compiler.builder import Builder
from service.feel.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    type_of,
)
from service.feel.values import parse_date, parse_date_time, parse_duration, parse_time

_LITERALS: Final[dict[type[ast.Node], FeelType]] = {
    ast.Number: NUMBER,
    ast.Text: STRING,
    ast.Boolean: BOOLEAN,
    ast.InstanceOf: BOOLEAN,
}


def inferred_type(builder: Builder, node: ast.Node) -> FeelType:
    """Return the type that ``node`` surely has when it is not null, or Any."""
    match node:
        case ast.ListLiteral(items=items):
            types = {inferred_type(builder, item) for item in items}
            return ListType(types.pop() if len(types) == 1 else ANY)
        case ast.ContextLiteral(entries=entries):
            return ContextType(tuple((entry.key, inferred_type(builder, entry.value)) for entry in entries))
        case ast.FunctionDefinition():
            return function_type(builder, node)
        case ast.Temporal(text=text):
            return type_of(parse_temporal(text))
    return _LITERALS.get(type(node), ANY)


def function_type(builder: Builder, node: ast.FunctionDefinition) -> FunctionType:
    """Return the type of the function that ``node`` defines."""
    parameters = (
        (parameter.type and builder.resolve(parameter.type)) or ANY for parameter in node.parameters
    )
    return FunctionType(tuple(parameters), ANY if node.external else inferred_type(builder, node.body))


def parse_temporal(text: str) -> object:
    """Return the date, time, date and time or duration that ``text`` names, or None."""
    return parse_date(text) or parse_date_time(text) or parse_time(text) or parse_duration(text)

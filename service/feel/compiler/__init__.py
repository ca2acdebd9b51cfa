"""Turns the abstract syntax into closures: one compile function per kind of node, no Python eval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service.feel import ast
from service.feel.compiler import calls, iteration, literals, operators, paths, tests
from service.feel.compiler.builder import NO_TYPES, Builder, Code, CompileFunction
from service.feel.errors import Place, Source
from service.feel.scope import Scope
from service.feel.types import FeelType
from service.feel.values import FeelFunction

__all__ = ["Code", "compile_tree"]

_TABLE: Final[Mapping[type[ast.Node], CompileFunction]] = {
    ast.Number: literals.compile_number,
    ast.Text: literals.compile_text,
    ast.Boolean: literals.compile_boolean,
    ast.Null: literals.compile_null,
    ast.Temporal: literals.compile_temporal,
    ast.ListLiteral: literals.compile_list,
    ast.ContextLiteral: literals.compile_context,
    ast.RangeLiteral: literals.compile_range,
    ast.OneSided: literals.compile_one_sided,
    ast.Name: paths.compile_name,
    ast.Path: paths.compile_path,
    ast.Filter: paths.compile_filter,
    ast.Call: calls.compile_call,
    ast.NamedCall: calls.compile_named_call,
    ast.FunctionDefinition: calls.compile_function_definition,
    ast.Disjunction: operators.compile_disjunction,
    ast.Conjunction: operators.compile_conjunction,
    ast.Comparison: operators.compile_comparison,
    ast.Between: operators.compile_between,
    ast.Arithmetic: operators.compile_arithmetic,
    ast.Negation: operators.compile_negation,
    ast.InstanceOf: operators.compile_instance_of,
    ast.In: tests.compile_in,
    ast.UnaryTests: tests.compile_unary_tests,
    ast.For: iteration.compile_for,
    ast.Quantified: iteration.compile_quantified,
    ast.If: iteration.compile_if,
}


def compile_tree(
    source: Source,
    tree: ast.Node,
    library: Mapping[str, FeelFunction],
    types: Mapping[str, FeelType] = NO_TYPES,
) -> Code:
    """Return the code of a whole text.

    Args:
        source: the text, for the places in warnings.
        tree: what the parser made of it.
        library: the built-in functions by name.
        types: named types beside the built-in ones.
    """
    code, steps = Builder(source, _TABLE, library, types).compile_body(tree)
    return code if steps == 1 else _paid(code, steps, Place(source, tree.at))


def _paid(code: Code, steps: int, place: Place) -> Code:
    """Return the code of a long text, which costs steps each time that it is evaluated."""

    def evaluate(scope: Scope) -> Any:
        run = scope.run
        run.place = place
        run.spend(steps)
        return code(scope)

    return evaluate

"""What can be told about a cell before any decision: constants that its column can never hold.

A typing slip in a table is silent at run time: the rule just never matches. Literals in cells are therefore
held against the type and the allowed values of their column when the model is loaded, the type of the input
data that the column shows included.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from service.feel import ast
from service.feel.compiler import Code
from service.feel.dmn.checks import fitted
from service.feel.dmn.environment import Environment
from service.feel.dmn.item_types import RestrictedListType, RestrictedType, unrestricted
from service.feel.dmn.model import FeelText, InputClause
from service.feel.dmn.source import normal_name
from service.feel.dmn.tables import Column, Output
from service.feel.dmn.texts import INPUT
from service.feel.errors import FeelLimitError
from service.feel.runtime import Run
from service.feel.scope import Scope
from service.feel.types import ANY, MISMATCH, FeelType


def check_input_cell(
    text: FeelText, tree: ast.Node | None, column: Column, clause: InputClause, env: Environment
) -> None:
    """Report the literals of a cell that the column's value can never equal or be compared with."""
    if not isinstance(tree, ast.UnaryTests):
        return
    with suppress(FeelLimitError):
        _check_constants(text, tree, column, clause, env)


def _check_constants(
    text: FeelText, tree: ast.UnaryTests, column: Column, clause: InputClause, env: Environment
) -> None:
    shown = env.types_of.get(normal_name(clause.expression.text), ANY)
    for value, is_equality in _constants(tree):
        for wanted in (column.type, shown):
            if not _is_possible(value, wanted if is_equality else _structure(wanted)):
                _report_impossible(text, value, wanted, env)
                return
        if is_equality and not _is_allowed(value, column.allowed, env.probe):
            _report_not_allowed(text, value, clause.allowed, env)
            return


def check_output_cell(text: FeelText, tree: ast.Node | None, output: Output, env: Environment) -> None:
    """Report a literal output that is not of the column's type or not among its allowed values."""
    if not isinstance(tree, (ast.Text, ast.Number, ast.Boolean)):
        return
    with suppress(FeelLimitError):
        _check_output(text, tree.value, output, env)


def _check_output(text: FeelText, value: Any, output: Output, env: Environment) -> None:
    if not _is_possible(value, output.type):
        env.report(
            text.place,
            "dmn.output_type",
            f"{_shown(value)} không phải {output.type.vi}, kiểu của cột đầu ra.",
            f"{_shown(value)} is not {output.type.name}, which the output column declares.",
        )
    elif not _is_allowed(value, output.allowed, env.probe):
        env.report(
            text.place,
            "dmn.output_not_allowed",
            f"{_shown(value)} không nằm trong các giá trị cho phép của cột đầu ra.",
            f"{_shown(value)} is not among the allowed values of the output column.",
        )


def _constants(tree: ast.UnaryTests) -> Iterator[tuple[Any, bool]]:
    """Yield each literal of a cell, and whether the value must equal it (else it is compared with it)."""
    for test in tree.tests:
        match test:
            case ast.Text(value=value) | ast.Number(value=value) | ast.Boolean(value=value):
                yield value, True
            case ast.OneSided(operand=ast.Text(value=value) | ast.Number(value=value)):
                yield value, False
            case ast.RangeLiteral(low=ast.Text(value=value) | ast.Number(value=value)):
                yield value, False


def _structure(wanted: FeelType) -> FeelType:
    return unrestricted(wanted) if isinstance(wanted, (RestrictedType, RestrictedListType)) else wanted


def _is_possible(value: Any, wanted: FeelType) -> bool:
    return wanted is ANY or fitted(value, wanted) is not MISMATCH


def _is_allowed(value: Any, allowed: Code | None, probe: Run) -> bool:
    """Tell whether a literal passes the tests; what cannot be told yet counts as passed."""
    return allowed is None or allowed(Scope({INPUT: value}, None, probe)) is not False


def _report_impossible(text: FeelText, value: Any, wanted: FeelType, env: Environment) -> None:
    env.report(
        text.place,
        "dmn.cell_type",
        f"{_shown(value)} không thể là giá trị của cột kiểu {wanted.vi}: quy tắc này không bao giờ khớp.",
        f"{_shown(value)} cannot be the column's value, which is {wanted.name}: the rule never matches.",
    )


def _report_not_allowed(text: FeelText, value: Any, allowed: FeelText | None, env: Environment) -> None:
    known = " ".join(allowed.text.split()) if allowed is not None else ""
    env.report(
        text.place,
        "dmn.cell_not_allowed",
        f"{_shown(value)} không nằm trong các giá trị cho phép ({known}): quy tắc này không bao giờ khớp.",
        f"{_shown(value)} is not among the allowed values ({known}): the rule never matches.",
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)

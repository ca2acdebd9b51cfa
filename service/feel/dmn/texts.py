"""FEEL texts of a model compiled by the core, with what is wrong in them turned into findings of the file.

A text that does not compile evaluates to null with the reason, so that a model that is loaded leniently still
answers where it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from service.domain.errors import Finding
from service.feel import ast
from service.feel.analysis import Usage, repeated_keys, usage
from service.feel.compiler import Code, compile_tree
from service.feel.dmn.model import FeelText, Place
from service.feel.dmn.source import finding_at
from service.feel.errors import FeelLimitError, FeelSyntaxError, Source
from service.feel.errors import Place as TextPlace
from service.feel.expression import too_deep
from service.feel.functions import BUILTINS
from service.feel.names import KnownNames, is_plain
from service.feel.parser import parse_expression, parse_unary_tests
from service.feel.scope import Scope

if TYPE_CHECKING:
    from service.feel.dmn.environment import Environment

INPUT: Final = "?"
"""The name under which a cell sees the tested value."""

Parse: TypeAlias = Callable[..., ast.Node]

_LIBRARY_NAMES: Final = KnownNames(BUILTINS)


@dataclass(frozen=True)
class Vocabulary:
    """What may stand in the texts of one model beside the variables in scope.

    Attributes:
        hints: names of several words of components, entries, columns and outputs; they steer reading only.
        functions: names of the host's own functions.
    """

    hints: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()

    @cached_property
    def special(self) -> frozenset[str]:
        """The names among them that influence how a text is read."""
        return frozenset(name for name in self.hints | self.functions if not is_plain(name))

    def has_function(self, name: str) -> bool:
        """Tell whether ``name`` is built in or the host's."""
        return name in BUILTINS or name in self.functions


class CompiledText(NamedTuple):
    """The code of a text and its tree, which is ``None`` for a text without one: empty, ``-`` or broken."""

    code: Code
    tree: ast.Node | None


def compile_text(text: FeelText, env: Environment) -> Code:
    """Return the code of an expression; an empty text and ``-`` give null."""
    return compile_expression(text, env).code


def compile_expression(text: FeelText, env: Environment) -> CompiledText:
    """Return code and tree of an expression; an empty text and ``-`` give null."""
    if text.text.strip() in {"", "-"}:
        return CompiledText(_null, None)
    return _compile(text, env, parse_expression)


def compile_cell(text: FeelText, env: Environment) -> CompiledText | None:
    """Return code and tree of a cell's tests, ``None`` for a cell that any value passes.

    The code is given a scope whose innermost frame holds the tested value as ``?``.
    """
    if text.text.strip() in {"", "-"}:
        return None
    return _compile(text, env, parse_unary_tests)


def compile_allowed_values(text: FeelText, findings: list[Finding]) -> Code | None:
    """Return the code of a type's allowed values: tests that see nothing but the value.

    ``None`` where they do not compile, which is a finding.
    """
    source = Source(text.text, source_name(text.place))
    try:
        tree = parse_unary_tests(source, (), _LIBRARY_NAMES)
        code = compile_tree(source, tree, BUILTINS)
    except (FeelSyntaxError, FeelLimitError) as problem:
        findings.append(_finding(text, problem.findings[0]))
    except RecursionError:
        findings.append(_finding(text, too_deep(TextPlace(source, 0)).findings[0]))
    else:
        used = usage(tree)
        unknown = sorted((used.names | used.calls) - BUILTINS.keys())
        findings.extend(finding_at(text.place, *_unknown_name(name)) for name in unknown)
        return code
    return None


def marker(place: Place, text: str = "") -> TextPlace:
    """Return the place that warnings about ``place`` carry."""
    return TextPlace(Source(text, source_name(place)), 0)


def source_name(place: Place) -> str:
    """Return what the texts of ``place`` are called: file, element and cell."""
    return " · ".join(part for part in (place.file, place.element, place.cell) if part)


def _compile(text: FeelText, env: Environment, parse: Parse) -> CompiledText:
    source = Source(text.text, source_name(text.place))
    names = env.names | env.vocabulary.special
    try:
        tree = parse(source, names, _LIBRARY_NAMES)
        code = compile_tree(source, tree, BUILTINS, env.types.structures)
    except (FeelSyntaxError, FeelLimitError) as problem:
        return CompiledText(_broken(text, env, source, problem.findings[0]), None)
    except RecursionError:
        problem_found = too_deep(TextPlace(source, 0)).findings[0]
        return CompiledText(_broken(text, env, source, problem_found), None)
    _check_names(text, env, usage(tree))
    for key in repeated_keys(tree):
        env.report(text.place, *_repeated_key(key))
    return CompiledText(code, tree)


def _broken(text: FeelText, env: Environment, source: Source, problem: Finding) -> Code:
    env.findings.append(_finding(text, problem))
    place = TextPlace(source, 0)

    def evaluate(scope: Scope) -> None:
        scope.run.place = place
        scope.run.report(problem.code, problem.vi, problem.en)

    return evaluate


def _finding(text: FeelText, problem: Finding) -> Finding:
    """Return a finding of the core, which counts lines within the text, as one of the file."""
    line = None if text.place.line is None else text.place.line + (problem.line or 1) - 1
    return finding_at(text.place, problem.code, problem.vi, problem.en, line=line, column=problem.column)


def _null(_: Scope) -> None:
    """Give null: nothing is written where an expression could stand."""


def _check_names(text: FeelText, env: Environment, used: Usage) -> None:
    for name in sorted(used.calls):
        if not (_is_known(name, env) or env.vocabulary.has_function(name)):
            env.report(
                text.place,
                "dmn.unknown_function",
                f"Không có hàm {name!r}.",
                f"There is no function {name!r}.",
            )
    if env.is_open:
        return
    for name in sorted(used.names):
        if not (_is_known(name, env) or env.vocabulary.has_function(name)):
            env.report(text.place, *_unknown_name(name))


def _repeated_key(key: str) -> tuple[str, str, str]:
    return (
        "dmn.duplicate_key",
        f"Thành phần {key!r} được khai hai lần trong một ngữ cảnh, nên cả ngữ cảnh là null.",
        f"The entry {key!r} is given twice in one context, which makes the whole context null.",
    )


def _unknown_function(name: str) -> tuple[str, str, str]:
    return "dmn.unknown_function", f"Không có hàm {name!r}.", f"There is no function {name!r}."


def _unknown_name(name: str) -> tuple[str, str, str]:
    return (
        "dmn.unknown_name",
        f"Không có biến {name!r}. Hãy nối dữ liệu (inputData) hoặc quyết định mang tên ấy với phần tử này.",
        f"There is no variable {name!r}. Connect the input data or decision of that name to this element.",
    )


def _is_known(name: str, env: Environment) -> bool:
    """Tell whether a name, or what it is a path of, is in scope."""
    return (
        name in env.names
        or (env.is_open and name not in BUILTINS)
        or name.partition(".")[0].strip() in env.names
    )

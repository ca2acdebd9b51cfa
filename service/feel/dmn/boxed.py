"""Boxed expressions compiled to closures (DMN 1.5 §7.3, §10.2.1): one compile function per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from service.feel.compiler import Code
from service.feel.compiler.calls import UserFunction
from service.feel.dmn.checks import checked
from service.feel.dmn.environment import Environment
from service.feel.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedIterator,
    BoxedList,
    Conditional,
    DecisionTable,
    Expression,
    FunctionDefinition,
    Invocation,
    IteratorKind,
    LiteralExpression,
    Relation,
)
from service.feel.dmn.table_compiler import compile_table
from service.feel.dmn.texts import compile_text, marker
from service.feel.dmn.vocabulary import texts_of
from service.feel.errors import Place
from service.feel.runtime import Run, Value
from service.feel.scope import Scope
from service.feel.signature import Parameter, Signature
from service.feel.values import FeelFunction
from service.feel.values.reasons import kind_words

_PARTIAL: Final = "partial"
"""The results of a loop so far."""


def compile_boxed(expression: Expression, env: Environment) -> Code:
    """Return the function that evaluates ``expression``; what is wrong with it goes to the environment."""
    return _COMPILERS[type(expression)](expression, env)


def _literal(expression: LiteralExpression, env: Environment) -> Code:
    return checked(compile_text(expression.text, env), expression.type_ref, expression.place, env)


def _table(expression: DecisionTable, env: Environment) -> Code:
    return checked(compile_table(expression, env).evaluate, expression.type_ref, expression.place, env)


def _context(expression: BoxedContext, env: Environment) -> Code:
    steps: list[tuple[str | None, Code]] = []
    for entry in expression.entries:
        if entry.variable is None:
            steps.append((None, compile_boxed(entry.value, env)))
            continue
        name = entry.variable.name
        inner = env.with_names((name,)) if isinstance(entry.value, FunctionDefinition) else env
        code = compile_boxed(entry.value, inner)
        steps.append((name, checked(code, entry.variable.type_ref, entry.place, env)))
        env = env.with_names((name,))
    evaluate = _context_with_result(steps) if steps and steps[-1][0] is None else _plain_context(steps)
    return checked(evaluate, expression.type_ref, expression.place, env)


def _plain_context(steps: list[tuple[str | None, Code]]) -> Code:
    named = [(name, code) for name, code in steps if name is not None]

    def evaluate(scope: Scope) -> Value:
        scope.run.spend(len(named))
        result: dict[str, Value] = {}
        inner = Scope(result, scope, scope.run)
        for name, code in named:
            result[name] = code(inner)
        return result

    return evaluate


def _context_with_result(steps: list[tuple[str | None, Code]]) -> Code:
    named = [(name, code) for name, code in steps if name is not None]
    final = steps[-1][1]

    def evaluate(scope: Scope) -> Value:
        scope.run.spend(len(named) + 1)
        entries: dict[str, Value] = {}
        inner = Scope(entries, scope, scope.run)
        for name, code in named:
            entries[name] = code(inner)
        return final(inner)

    return evaluate


def _invocation(expression: Invocation, env: Environment) -> Code:
    function = compile_boxed(expression.function, env)
    bindings = [
        (
            binding.parameter.name,
            checked(
                compile_boxed(binding.value, env), binding.parameter.type_ref, binding.parameter.place, env
            ),
        )
        for binding in expression.bindings
    ]
    place = marker(expression.place, "invocation")

    def evaluate(scope: Scope) -> Value:
        run = scope.run
        called = function(scope)
        arguments = {name: code(scope) for name, code in bindings}
        run.place = place
        if not isinstance(called, FeelFunction):
            run.report(
                "dmn.not_a_function",
                f"Không gọi được: đây là {kind_words(called).vi}, không phải hàm.",
                f"Cannot be invoked: this is {kind_words(called).en}, not a function.",
            )
            return None
        run.spend(1 + len(bindings))
        return called.invoke(arguments, run)

    return checked(evaluate, expression.type_ref, expression.place, env)


def _list(expression: BoxedList, env: Environment) -> Code:
    items = [compile_boxed(item, env) for item in expression.items]

    def evaluate(scope: Scope) -> Value:
        scope.run.check_list(len(items))
        return [code(scope) for code in items]

    return checked(evaluate, expression.type_ref, expression.place, env)


def _relation(expression: Relation, env: Environment) -> Code:
    names = [column.name for column in expression.columns]
    rows = [
        [
            checked(compile_boxed(cell, env), column.type_ref, column.place, env)
            for column, cell in zip(expression.columns, row, strict=False)
        ]
        for row in expression.rows
    ]

    def evaluate(scope: Scope) -> Value:
        scope.run.check_list(len(rows) * len(names))
        return [{name: code(scope) for name, code in zip(names, row, strict=False)} for row in rows]

    return checked(evaluate, expression.type_ref, expression.place, env)


def _function(expression: FunctionDefinition, env: Environment) -> Code:
    signature, body = compile_function(expression, env)

    def evaluate(scope: Scope) -> Value:
        return UserFunction(signature, body, scope)

    return evaluate


def compile_function(definition: FunctionDefinition, env: Environment) -> tuple[Signature, Code]:
    """Return the signature and body of a boxed function; Java and PMML are findings and evaluate to null."""
    parameters = tuple(
        Parameter(parameter.name, env.types.get(parameter.type_ref, parameter.place))
        for parameter in definition.parameters
    )
    inner = env.with_names(parameter.name for parameter in parameters)
    body: Code = _refuse("Hàm không có nội dung tính được.", "The function has no logic to evaluate.")
    if definition.kind != "FEEL":
        body = _refuse(
            f"Hàm kiểu {definition.kind} không được chạy.",
            f"Functions of kind {definition.kind} are not run.",
        )
        env.report(
            definition.place,
            "dmn.function_kind",
            f"Hàm kiểu {definition.kind} không được chạy; chỉ nhận hàm FEEL.",
            f"Functions of kind {definition.kind} are not run, only FEEL functions.",
        )
    elif definition.body is not None:
        body = compile_boxed(definition.body, inner)
    result = env.types.get(definition.type_ref, definition.place)
    code = checked(body, definition.type_ref, definition.place, env)
    return Signature(parameters, result), code


def _refuse(vi: str, en: str) -> Code:
    """Return the body of a function that cannot be evaluated."""

    def evaluate(scope: Scope) -> None:
        scope.run.report("dmn.no_logic", vi, en)

    return evaluate


def _conditional(expression: Conditional, env: Environment) -> Code:
    condition = compile_boxed(expression.condition, env)
    then = compile_boxed(expression.then, env)
    otherwise = compile_boxed(expression.otherwise, env)

    place = marker(expression.place, "if")

    def evaluate(scope: Scope) -> Value:
        answer = condition(scope)
        if answer is True:
            return then(scope)
        if answer is False or answer is None:
            return otherwise(scope)
        scope.run.place = place
        _report_not_boolean(scope.run, answer)
        return None

    return checked(evaluate, expression.type_ref, expression.place, env)


def _filter(expression: BoxedFilter, env: Environment) -> Code:
    source = compile_boxed(expression.source, env)
    match = compile_boxed(expression.match, env.with_names(("item",)).opened())
    place = marker(expression.place, "filter")

    def evaluate(scope: Scope) -> Value:
        run = scope.run
        kept = []
        for item in _items(source(scope)):
            run.spend(1)
            outer = Scope({"item": item}, scope, run)
            inner = Scope(item, outer, run) if isinstance(item, dict) else outer
            answer = match(inner)
            if not isinstance(answer, bool):
                run.place = place
                _report_not_boolean(run, answer)
                return None
            if answer:
                kept.append(item)
        return kept

    return checked(evaluate, expression.type_ref, expression.place, env)


def _iterator(expression: BoxedIterator, env: Environment) -> Code:
    source = compile_boxed(expression.source, env)
    body = compile_boxed(expression.body, env.with_names((expression.variable, _PARTIAL)))
    place = marker(expression.place, expression.kind.value)
    if expression.kind is IteratorKind.FOR:
        looks_back = _PARTIAL in texts_of(expression.body)
        evaluate = _for(source, body, expression.variable, place, looks_back=looks_back)
    else:
        evaluate = _quantified(
            source, body, expression.variable, place, wanted=expression.kind is IteratorKind.SOME
        )
    return checked(evaluate, expression.type_ref, expression.place, env)


def _for(source: Code, body: Code, variable: str, place: Place, *, looks_back: bool) -> Code:
    """``for``; each turn that looks back sees a copy of the results so far, and pays for it."""

    def evaluate(scope: Scope) -> Value:
        run = scope.run
        items = _items(source(scope))
        run.place = place
        run.check_list(len(items))
        results: list[Value] = []
        for item in items:
            names = {variable: item}
            if looks_back:
                run.check_list(len(results))
                names[_PARTIAL] = results.copy()
            results.append(body(Scope(names, scope, run)))
        return results

    return evaluate


def _quantified(source: Code, body: Code, variable: str, place: Place, *, wanted: bool) -> Code:
    """``some`` looks for a true answer, ``every`` for a false one; an answer of another kind makes null."""

    def evaluate(scope: Scope) -> Value:
        run = scope.run
        answers = []
        for item in _items(source(scope)):
            run.spend(1)
            answer = body(Scope({variable: item}, scope, run))
            if not isinstance(answer, bool):
                run.place = place
                _report_not_boolean(run, answer)
                return None
            answers.append(answer)
        return wanted if wanted in answers else not wanted

    return evaluate


def _items(domain: Value) -> list[Value]:
    """Return what an iterator goes through: a list, nothing for null, a single value as a list of it."""
    if domain is None:
        return []
    return domain if isinstance(domain, list) else [domain]


def _report_not_boolean(run: Run, answer: Value) -> None:
    run.report(
        "dmn.not_boolean",
        f"Điều kiện phải là đúng hoặc sai, nhưng là {kind_words(answer).vi}.",
        f"The condition must be true or false, but is {kind_words(answer).en}.",
    )


_COMPILERS: Final[Mapping[type, Callable[[Any, Environment], Code]]] = {
    LiteralExpression: _literal,
    DecisionTable: _table,
    BoxedContext: _context,
    Invocation: _invocation,
    BoxedList: _list,
    Relation: _relation,
    FunctionDefinition: _function,
    Conditional: _conditional,
    BoxedFilter: _filter,
    BoxedIterator: _iterator,
}

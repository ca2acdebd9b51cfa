"""Function definitions and calls."""

from __future__ import annotations

from typing import Any

from service.feel import ast
from service.feel.compiler.builder import Builder, Code
from service.feel.compiler.inference import function_type
from service.feel.errors import Place
from service.feel.runtime import Arguments, Run, Value
from service.feel.scope import Scope
from service.feel.signature import Parameter, Signature
from service.feel.types import ANY, MISMATCH, coerce
from service.feel.values import FeelFunction
from service.feel.values.reasons import kind_words


class UserFunction(FeelFunction):
    """A function written in FEEL, with the scope that it was written in.

    Args:
        signature: its parameters.
        body: its code.
        scope: the names that it sees beside its parameters.
        steps: what a call costs beside what its body pays itself.
    """

    __slots__ = ("_body", "_scope", "_signature", "_steps")

    def __init__(self, signature: Signature, body: Code, scope: Scope, steps: int = 0) -> None:
        self._signature = signature
        self._body = body
        self._scope = scope
        self._steps = steps

    @property
    def signature(self) -> Signature:
        """What the function takes and gives."""
        return self._signature

    def invoke(self, arguments: Arguments, run: Run) -> Value:
        """Call the function: null with a reason when the arguments do not fit.

        Raises:
            FeelLimitError: functions call one another too deep, or the steps are used up.
        """
        names = bind(self._signature, arguments, run)
        if names is None:
            return None
        run.spend(self._steps)
        run.enter()
        place = run.place
        try:
            return self._body(Scope(names, self._scope, run))
        finally:
            run.place = place
            run.leave()


def bind(signature: Signature, arguments: Arguments, run: Run) -> dict[str, Value] | None:
    """Return the arguments by parameter, coerced; None with a reason when they do not fit."""
    parameters = signature.parameters
    names = tuple(parameter.name for parameter in parameters)
    if isinstance(arguments, tuple):
        given = dict(zip(names, arguments, strict=False))
        fits = len(arguments) == len(parameters)
    else:
        given = dict(arguments)
        fits = given.keys() == set(names)
    if not fits:
        expected = ", ".join(names)
        run.report(
            "feel.arguments",
            f"Hàm cần đúng {len(names)} tham số ({expected}).",
            f"The function takes exactly {len(names)} arguments ({expected}).",
        )
        return None
    return given if _coerce_all(parameters, given, run) else None


def _coerce_all(parameters: tuple[Parameter, ...], given: dict[str, Value], run: Run) -> bool:
    for parameter in parameters:
        if parameter.type is ANY:
            continue
        run.pay_for(given[parameter.name])
        value = coerce(given[parameter.name], parameter.type)
        if value is MISMATCH:
            found, wanted = kind_words(given[parameter.name]), parameter.type
            run.report(
                "feel.argument_type",
                f"Tham số '{parameter.name}' phải là {wanted.vi}, nhưng là {found.vi}.",
                f"The argument '{parameter.name}' must be {wanted.name}, but is {found.en}.",
            )
            return False
        given[parameter.name] = value
    return True


def compile_function_definition(builder: Builder, node: ast.FunctionDefinition) -> Code:
    """A function value; one with an ``external`` body gives null."""
    kind = function_type(builder, node)
    names = (parameter.name for parameter in node.parameters)
    parameters = tuple(map(Parameter, names, kind.parameters or ()))
    signature = Signature(parameters, kind.result)
    body, steps = (
        (_external_body(builder.place(node)), 1) if node.external else builder.compile_body(node.body)
    )

    def evaluate(scope: Scope) -> UserFunction:
        return UserFunction(signature, body, scope, steps)

    return evaluate


def _external_body(place: Place) -> Code:
    def evaluate(scope: Scope) -> None:
        scope.run.place = place
        scope.run.report(
            "feel.external",
            "Không chạy hàm ngoài (Java, PMML).",
            "External functions (Java, PMML) are not run.",
        )

    return evaluate


def compile_call(builder: Builder, node: ast.Call) -> Code:
    """``function(a, b)``."""
    callee, place = _callee(builder, node.function), builder.place(node)
    arguments = builder.compile_all(node.arguments)

    def evaluate(scope: Scope) -> Any:
        function = callee(scope)
        values = tuple([argument(scope) for argument in arguments])
        return _invoke(function, values, scope.run, place)

    return evaluate


def compile_named_call(builder: Builder, node: ast.NamedCall) -> Code:
    """``function(name: a)``."""
    callee, place = _callee(builder, node.function), builder.place(node)
    arguments = tuple((entry.key, builder.compile(entry.value)) for entry in node.arguments)

    def evaluate(scope: Scope) -> Any:
        function = callee(scope)
        values = {name: argument(scope) for name, argument in arguments}
        return _invoke(function, values, scope.run, place)

    return evaluate


def _invoke(function: Any, arguments: Arguments, run: Run, place: Place) -> Value:
    run.place = place
    run.spend(1)
    if not isinstance(function, FeelFunction):
        if function is not None:
            kind = kind_words(function)
            run.report(
                "feel.not_a_function",
                f"Chỉ gọi được hàm, nhưng đây là {kind.vi}.",
                f"Only a function can be called, but this is a {kind.en}.",
            )
        return None
    value = function.invoke(arguments, run)
    if type(value) is list:
        run.place = place
        run.check_list(len(value))
    elif type(value) is str:
        run.place = place
        run.check_string(len(value))
    return value


def _callee(builder: Builder, node: ast.Node) -> Code:
    return _named_callee(builder, node) if isinstance(node, ast.Name) else builder.compile(node)


def _named_callee(builder: Builder, node: ast.Name) -> Code:
    """The function of a name: a variable that holds one, else one of the host's, else a built-in one."""
    name, place = node.name, builder.place(node)
    built_in = builder.library.get(name)
    variable = builder.compile(node)

    def evaluate(scope: Scope) -> Any:
        frame: Scope | None = scope
        while frame is not None:
            found = frame.names.get(name)
            if isinstance(found, FeelFunction):
                return found
            frame = frame.parent
        run = scope.run
        function = run.functions.get(name, built_in)
        if function is not None:
            return function
        if "." in name:
            return variable(scope)
        run.place = place
        run.report("feel.unknown_function", f"Không có hàm '{name}'.", f"There is no function '{name}'.")
        return None

    return evaluate

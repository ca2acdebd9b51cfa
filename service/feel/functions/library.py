"""How a function is declared, and the one dispatcher that every declared function is called through.

A declaration is one line of text and a Python function::

    CALENDAR = Library()

    @CALENDAR.function("working days between(from: date, to: date) -> number")
    def working_days_between(start: Date, end: Date) -> Decimal: ...

In the text ``name?: type`` may be left out (the Python default stands in), ``type?`` lets null through (other
null arguments make the call null), ``...name: type`` collects one or more further positional arguments
in a list, ``a | b`` is either of two types. Declaring a name again adds another form.

A Python function whose first parameter is called ``run`` receives the evaluation under way. It returns a
value, or a Reason for null; it raises nothing but limit errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import perf_counter_ns
from typing import Any, Final, TypeAlias

from service.feel.functions.declarations import EitherType, parse_declaration
from service.feel.runtime import Arguments, Run, Value
from service.feel.signature import Parameter, Signature
from service.feel.types import ANY, MISMATCH, FeelType, coerce
from service.feel.values import FeelFunction
from service.feel.values.reasons import Reason, kind_words

Implementation: TypeAlias = Callable[..., Any]

NANOSECONDS_PER_STEP: Final = 10_000
"""How long a call may last for each step it pays: as long as a turn of a loop, or less."""
MAX_SHARE_OF_ONE_CALL: Final = 10
"""A machine that was asleep during a call must not use up the budget: one call pays a tenth of it at most."""

_OMITTED: Final = object()


@dataclass(frozen=True, slots=True)
class Form:
    """One way to call a function.

    Attributes:
        signature: what it takes and gives.
        implementation: the Python function behind it.
        takes_run: whether the implementation wants the run before the arguments.
        defaults: what stands in for each parameter that is left out.
        least: how many positional arguments it needs.
        most: how many positional arguments it takes, None for any number.
    """

    signature: Signature
    implementation: Implementation
    takes_run: bool
    defaults: tuple[Any, ...]
    least: int
    most: int | None

    def takes_count(self, count: int) -> bool:
        """Tell whether that many positional arguments fit."""
        return self.least <= count and (self.most is None or count <= self.most)

    def takes_names(self, names: Mapping[str, Value]) -> bool:
        """Tell whether arguments of these names fit; what is collected has no name."""
        known = self.signature.parameters
        is_complete = all(parameter.optional or parameter.name in names for parameter in known)
        if self.signature.rest is not None:
            return False
        return is_complete and names.keys() <= {parameter.name for parameter in known}

    def ordered(self, names: Mapping[str, Value]) -> list[Any]:
        """Put named arguments into the order of the parameters."""
        return [names.get(parameter.name, _OMITTED) for parameter in self.signature.parameters]

    def bind(self, given: list[Any]) -> list[Any] | Reason:
        """Coerce each argument to its parameter's type; the reason says which one does not fit."""
        bound: list[Any] = []
        for parameter, argument, default in zip(
            self.signature.parameters, given, self.defaults, strict=False
        ):
            if argument is _OMITTED:
                bound.append(default)
                continue
            value = _bind_one(parameter, argument)
            if type(value) is Reason:
                return value
            bound.append(value)
        rest = self.signature.rest
        if rest is not None:
            further = [_bind_one(rest, argument) for argument in given[len(self.signature.parameters) :]]
            misfit = next((value for value in further if type(value) is Reason), None)
            if misfit is not None:
                return misfit
            bound.append(further)
        return bound


@dataclass(frozen=True, slots=True)
class DeclaredFunction(FeelFunction):
    """A function of a :class:`Library`.

    Attributes:
        name: as it is called in FEEL.
        forms: the ways to call it, the first is the one to document.
    """

    name: str
    forms: tuple[Form, ...]

    @property
    def signature(self) -> Signature:
        """The first form's parameters and result, as a type: what takes one of several kinds takes any."""
        signature = self.forms[0].signature
        if not any(isinstance(parameter.type, EitherType) for parameter in signature.parameters):
            return signature
        widened = [
            replace(parameter, type=ANY) if isinstance(parameter.type, EitherType) else parameter
            for parameter in signature.parameters
        ]
        return replace(signature, parameters=tuple(widened))

    def invoke(self, arguments: Arguments, run: Run) -> Value:
        """Call the form that fits; null with a reason when none does.

        Time is paid in steps, so that many calls which are each within their bounds still end.
        """
        begin = perf_counter_ns()
        result = self._call(arguments, run)
        lasted = (perf_counter_ns() - begin) // NANOSECONDS_PER_STEP
        if lasted:
            run.spend(min(lasted, run.limits.steps // MAX_SHARE_OF_ONE_CALL))
        return result

    def _call(self, arguments: Arguments, run: Run) -> Value:
        form = self.forms[0]
        if len(self.forms) > 1 or type(arguments) is not tuple or form.most != len(arguments):
            return self._call_any(arguments, run)
        bound: list[Any] = []
        for parameter, argument in zip(form.signature.parameters, arguments, strict=True):
            value = _bind_one(parameter, argument)
            if type(value) is Reason:
                run.report(*self._named(value))
                return None
            bound.append(value)
        return self._settled(form, bound, run)

    def _call_any(self, arguments: Arguments, run: Run) -> Value:
        """Call the first of several forms that fits, by position or by name."""
        misfit: Reason | None = None
        for form, given in self._candidates(arguments):
            bound = form.bind(given)
            if isinstance(bound, Reason):
                misfit = misfit or self._named(bound)
                continue
            return self._settled(form, bound, run)
        run.report(*(misfit or self._wrong_arguments(arguments)))
        return None

    def _settled(self, form: Form, bound: list[Any], run: Run) -> Value:
        result = form.implementation(run, *bound) if form.takes_run else form.implementation(*bound)
        if type(result) is Reason:
            run.report(*self._named(result))
            return None
        return result

    def _candidates(self, arguments: Arguments) -> Iterator[tuple[Form, list[Any]]]:
        if type(arguments) is dict:
            for form in self.forms:
                if form.takes_names(arguments):
                    yield form, form.ordered(arguments)
            return
        for form in self.forms:
            if form.takes_count(len(arguments)):
                yield form, list(arguments)

    def _named(self, reason: Reason) -> Reason:
        return Reason(reason.code, f"{self.name}(): {reason.vi}", f"{self.name}(): {reason.en}")

    def _wrong_arguments(self, arguments: Arguments) -> Reason:
        forms = " | ".join(form_text(self.name, form) for form in self.forms)
        given = ", ".join(arguments) if isinstance(arguments, dict) else str(len(arguments))
        return Reason(
            "feel.wrong_arguments",
            f"{self.name}(): tham số không khớp ({given or 0}); cách gọi: {forms}.",
            f"{self.name}(): the arguments do not match ({given or 0}); call it as {forms}.",
        )


class Library:
    """Functions under declaration, by name."""

    def __init__(self) -> None:
        self._functions: dict[str, DeclaredFunction] = {}

    @property
    def functions(self) -> Mapping[str, DeclaredFunction]:
        """The functions declared so far."""
        return self._functions

    def function(self, declaration: str) -> Callable[[Implementation], Implementation]:
        """Declare the decorated Python function under the name and signature in ``declaration``."""
        name, signature = parse_declaration(declaration)

        def declare(implementation: Implementation) -> Implementation:
            known = self._functions.get(name)
            forms = known.forms if known is not None else ()
            self._functions[name] = DeclaredFunction(name, (*forms, _form(signature, implementation)))
            return implementation

        return declare


def form_text(name: str, form: Form) -> str:
    """Write one way to call a function, as in ``substring(string, start position, length?)``."""
    parts = [f"{p.name}{'?' if p.optional else ''}" for p in form.signature.parameters]
    if form.signature.rest is not None:
        parts.append(f"{form.signature.rest.name}…")
    return f"{name}({', '.join(parts)})"


def _form(signature: Signature, implementation: Implementation) -> Form:
    positional = len(signature.parameters)
    required = sum(not parameter.optional for parameter in signature.parameters) + (
        signature.rest is not None
    )
    given_defaults = getattr(implementation, "__defaults__", None) or ()
    defaults = (None,) * (len(signature.parameters) - len(given_defaults)) + tuple(given_defaults)
    code = getattr(implementation, "__code__", None)
    takes_run = code is not None and code.co_varnames[:1] == ("run",)
    most = None if signature.rest is not None else positional
    return Form(signature, implementation, takes_run, defaults, required, most)


def _bind_one(parameter: Parameter, argument: Value) -> Any:
    wanted: FeelType = parameter.type
    if argument is None:
        return None if parameter.nullable else _null_argument(parameter)
    if wanted is ANY or wanted.accepts(argument):
        return argument
    value = coerce(argument, wanted)
    if value is MISMATCH:
        return _wrong_kind(parameter, argument)
    return _null_argument(parameter) if value is None and not parameter.nullable else value


def _null_argument(parameter: Parameter) -> Reason:
    return Reason(
        "feel.null_argument",
        f"tham số “{parameter.name}” là null.",
        f"the argument “{parameter.name}” is null.",
    )


def _wrong_kind(parameter: Parameter, argument: Value) -> Reason:
    found = kind_words(argument)
    return Reason(
        "feel.wrong_argument",
        f"tham số “{parameter.name}” phải là {parameter.type.vi}, nhưng là {found.vi}.",
        f"the argument “{parameter.name}” must be {parameter.type.name}, but is {found.en}.",
    )

"""Type checks of values that pass through a model: what does not fit becomes null, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from service.feel.compiler import Code
from service.feel.dmn.environment import Environment
from service.feel.dmn.item_types import RestrictedListType, RestrictedType, unrestricted
from service.feel.dmn.model import Place
from service.feel.dmn.texts import marker
from service.feel.runtime import Run, Value
from service.feel.scope import Scope
from service.feel.types import (
    ANY,
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    MISMATCH,
    MONTHS_DURATION,
    TIME,
    ContextType,
    FeelType,
    ListType,
    coerce,
    conforms,
)
from service.feel.values import parse_date, parse_date_time, parse_duration, parse_time
from service.feel.values.reasons import Kind, kind_words


def checked(code: Code, type_ref: str | None, place: Place, env: Environment) -> Code:
    """Return ``code`` followed by the check that its value is of the named type."""
    return checked_as(code, env.types.get(type_ref, place), place)


def checked_as(code: Code, wanted: FeelType, place: Place) -> Code:
    """Return ``code`` followed by the check that its value is of the type ``wanted``."""
    if wanted is ANY:
        return code
    where = marker(place)

    def evaluate(scope: Scope) -> Value:
        value = code(scope)
        if value is None:
            return None
        scope.run.pay_for(value)
        result = fitted(value, wanted)
        if result is MISMATCH:
            scope.run.place = where
            report_mismatch(scope.run, value, wanted)
            return None
        return result

    return evaluate


def fitted(value: Any, wanted: FeelType) -> Any:
    """Return ``value`` as ``wanted`` after the implicit conversions, or ``MISMATCH``; null fits all."""
    if type(wanted) in _RESTRICTED:
        inner = fitted(value, unrestricted(wanted))
        return inner if inner is not MISMATCH and conforms(inner, wanted) else MISMATCH
    result = coerce(value, wanted)
    return result if result is MISMATCH or conforms(result, wanted) else MISMATCH


_RESTRICTED: Final = frozenset({RestrictedType, RestrictedListType})


def read_texts(value: Any, wanted: FeelType) -> Any:
    """Return ``value`` with texts read as the dates, times and durations that ``wanted`` declares there.

    Texts that cannot be read stay as they are.
    """
    wanted = unrestricted(wanted)
    if isinstance(value, str):
        read = _READERS.get(wanted)
        return value if read is None else read(value.strip()) or value
    if isinstance(value, list):
        element = wanted.element if isinstance(wanted, ListType) else wanted
        return [read_texts(item, element) for item in value]
    if isinstance(value, dict) and isinstance(wanted, ContextType):
        parts = wanted.by_name
        return {key: read_texts(part, parts.get(key, ANY)) for key, part in value.items()}
    return value


_READERS: Final[Mapping[FeelType, Callable[[str], Any]]] = {
    DATE: parse_date,
    TIME: parse_time,
    DATE_TIME: parse_date_time,
    DAYS_DURATION: parse_duration,
    MONTHS_DURATION: parse_duration,
}


def report_mismatch(
    run: Run, value: Value, wanted: FeelType, what_vi: str = "Giá trị", what_en: str = "The value"
) -> None:
    """Record that ``value`` is not of the type that was asked."""
    found = Kind(repr(value), repr(value)) if isinstance(value, str) else kind_words(value)
    run.report(
        "dmn.type_mismatch",
        f"{what_vi} phải là {wanted.vi}, nhưng là {found.vi}.",
        f"{what_en} must be {wanted.name}, but is {found.en}.",
    )

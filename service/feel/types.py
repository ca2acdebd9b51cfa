"""FEEL's type system (DMN 1.5 §10.3.2.9): what a value is, conforms to, and is coerced to.

Types are immutable and comparable. ``conforms`` is for parameters and results (null passes),
``instance_of`` is the operator (null is an instance of ``Null`` alone), ``coerce`` applies the implicit
conversions of §10.3.2.9.4.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from service.feel.values import (
    Date,
    DateTime,
    DaysDuration,
    FeelFunction,
    MonthsDuration,
    Range,
    Time,
)


class FeelType(ABC):
    """A type of the language; compare with ``==``."""

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """The type as it is written in FEEL."""

    @property
    def vi(self) -> str:
        """The type in Vietnamese words, for messages."""
        return self.name

    @abstractmethod
    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` belongs to the type."""


@dataclass(frozen=True, slots=True)
class SimpleType(FeelType):
    """A type without parts, known by the Python class of its values."""

    label: str
    python: tuple[type, ...]

    @property
    def name(self) -> str:
        """The type as it is written in FEEL."""
        return self.label

    @property
    def vi(self) -> str:
        """The type in Vietnamese words, for messages."""
        return _VIETNAMESE.get(self.label, self.label)

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` belongs to the type."""
        return isinstance(value, self.python)


_VIETNAMESE: Final[Mapping[str, str]] = {
    "Any": "giá trị bất kỳ",
    "number": "số",
    "string": "chuỗi",
    "boolean": "giá trị đúng/sai",
    "date": "ngày",
    "time": "giờ",
    "date and time": "ngày giờ",
    "days and time duration": "thời lượng ngày giờ",
    "years and months duration": "thời lượng năm tháng",
}

ANY: Final = SimpleType("Any", (object,))
NULL: Final = SimpleType("Null", (type(None),))
NUMBER: Final = SimpleType("number", (Decimal,))
STRING: Final = SimpleType("string", (str,))
BOOLEAN: Final = SimpleType("boolean", (bool,))
DATE: Final = SimpleType("date", (Date,))
TIME: Final = SimpleType("time", (Time,))
DATE_TIME: Final = SimpleType("date and time", (DateTime,))
DAYS_DURATION: Final = SimpleType("days and time duration", (DaysDuration,))
MONTHS_DURATION: Final = SimpleType("years and months duration", (MonthsDuration,))


@dataclass(frozen=True, slots=True)
class ListType(FeelType):
    """``list<element>``."""

    element: FeelType = ANY

    @property
    def name(self) -> str:
        """The type as it is written in FEEL."""
        return f"list<{self.element.name}>"

    @property
    def vi(self) -> str:
        """The type in Vietnamese words, for messages."""
        return "danh sách" if self.element == ANY else f"danh sách ({self.element.vi})"

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` is a list of conforming items."""
        return isinstance(value, list) and all(conforms(item, self.element) for item in value)


@dataclass(frozen=True)
class ContextType(FeelType):
    """``context<name: type, …>``; a context with more entries conforms too."""

    entries: tuple[tuple[str, FeelType], ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, FeelType]:
        """The entries as a mapping."""
        return dict(self.entries)

    @property
    def name(self) -> str:
        """The type as it is written in FEEL."""
        if not self.entries:
            return "context"
        return f"context<{', '.join(f'{key}: {part.name}' for key, part in self.entries)}>"

    @property
    def vi(self) -> str:
        """The type in Vietnamese words, for messages."""
        parts = ", ".join(f"{key}: {part.vi}" for key, part in self.entries)
        return f"ngữ cảnh ({parts})" if parts else "ngữ cảnh"

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` is a context that has every entry with a conforming value."""
        return isinstance(value, dict) and all(
            key in value and conforms(value[key], part) for key, part in self.entries
        )


@dataclass(frozen=True, slots=True)
class RangeType(FeelType):
    """``range<element>``."""

    element: FeelType = ANY

    @property
    def name(self) -> str:
        """The type as it is written in FEEL."""
        return f"range<{self.element.name}>"

    @property
    def vi(self) -> str:
        """The type in Vietnamese words, for messages."""
        return "khoảng" if self.element == ANY else f"khoảng ({self.element.vi})"

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` is a range whose ends conform."""
        return (
            isinstance(value, Range)
            and conforms(value.low, self.element)
            and conforms(value.high, self.element)
        )


@dataclass(frozen=True, slots=True)
class FunctionType(FeelType):
    """``function<parameters> -> result``; ``parameters`` is None for any function."""

    parameters: tuple[FeelType, ...] | None = None
    result: FeelType = ANY

    @property
    def name(self) -> str:
        """The type as it is written in FEEL."""
        if self.parameters is None:
            return "function"
        return f"function<{', '.join(part.name for part in self.parameters)}> -> {self.result.name}"

    @property
    def vi(self) -> str:
        """The type in Vietnamese words, for messages."""
        return "hàm"

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` is a function that may stand where this type is asked."""
        return isinstance(value, FeelFunction) and is_subtype(value.signature.function_type, self)


BUILT_IN: Final[Mapping[str, FeelType]] = {
    "Any": ANY,
    "Null": NULL,
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "days and time duration": DAYS_DURATION,
    "dayTimeDuration": DAYS_DURATION,
    "years and months duration": MONTHS_DURATION,
    "yearMonthDuration": MONTHS_DURATION,
    "list": ListType(),
    "context": ContextType(),
    "range": RangeType(),
    "function": FunctionType(),
}
"""The types that have a name of their own, by that name."""

_BY_CLASS: Final[Mapping[type, FeelType]] = {
    type(None): NULL,
    bool: BOOLEAN,
    Decimal: NUMBER,
    str: STRING,
    Date: DATE,
    Time: TIME,
    DateTime: DATE_TIME,
    DaysDuration: DAYS_DURATION,
    MonthsDuration: MONTHS_DURATION,
}


def type_of(value: Any) -> FeelType:
    """Return the narrowest type of ``value``; list items and context entries are looked at."""
    simple = _BY_CLASS.get(type(value))
    if simple is not None:
        return simple
    if isinstance(value, list):
        return ListType(_common(type_of(item) for item in value))
    if isinstance(value, dict):
        return ContextType(tuple((key, type_of(part)) for key, part in value.items()))
    if isinstance(value, Range):
        return RangeType(_common(type_of(end) for end in (value.low, value.high) if end is not None))
    if isinstance(value, FeelFunction):
        return value.signature.function_type
    return ANY


def kind_of(value: Any) -> str:
    """Return the plain word for what ``value`` is, for messages: ``number``, ``list`` and so on."""
    simple = _BY_CLASS.get(type(value))
    if simple is not None:
        return "null" if simple is NULL else simple.name
    for label, python in (("list", list), ("context", dict), ("range", Range), ("function", FeelFunction)):
        if isinstance(value, python):
            return label
    return "unknown"


def _common(types: Iterable[FeelType]) -> FeelType:
    distinct = set(types)
    distinct.discard(NULL)
    return distinct.pop() if len(distinct) == 1 else ANY


def is_subtype(narrow: FeelType, wide: FeelType) -> bool:
    """Tell whether ``narrow`` conforms to ``wide`` (§10.3.2.9.2, type conformance)."""
    if wide == ANY or narrow in (NULL, wide):
        return True
    match narrow, wide:
        case (ListType(element=inner), ListType(element=outer)) | (
            RangeType(element=inner),
            RangeType(element=outer),
        ):
            return is_subtype(inner, outer)
        case ContextType(), ContextType():
            return all(
                key in narrow.by_name and is_subtype(narrow.by_name[key], part) for key, part in wide.entries
            )
        case FunctionType(), FunctionType():
            return _is_function_subtype(narrow, wide)
    return False


def _is_function_subtype(narrow: FunctionType, wide: FunctionType) -> bool:
    """Parameters are contravariant, the result is covariant; a result that is not known may be anything."""
    if wide.parameters is None:
        return True
    if narrow.parameters is None or len(narrow.parameters) != len(wide.parameters):
        return False
    takes = all(
        is_subtype(asked, given) for given, asked in zip(narrow.parameters, wide.parameters, strict=True)
    )
    return takes and (narrow.result == ANY or is_subtype(narrow.result, wide.result))


def conforms(value: Any, wanted: FeelType) -> bool:
    """Tell whether ``value`` may stand where ``wanted`` is asked; null may stand anywhere."""
    return value is None or wanted.accepts(value)


def instance_of(value: Any, wanted: FeelType) -> bool:
    """Return the operator ``value instance of wanted``; null is an instance of ``Null`` alone."""
    if value is None:
        return wanted == NULL
    return wanted.accepts(value)


class Mismatch:
    """The answer of :func:`coerce` for a value that cannot stand where a type is asked."""

    __slots__ = ()


MISMATCH: Final = Mismatch()


def coerce(value: Any, wanted: FeelType) -> Any:
    """Return ``value`` as ``wanted``, or :data:`MISMATCH`.

    The implicit conversions of §10.3.2.9.4: to singleton list, from singleton list, date to date and time.
    """
    if value is None or wanted is ANY or wanted.accepts(value):
        return value
    if isinstance(value, list) and len(value) == 1 and not isinstance(wanted, ListType):
        return _fit(value[0], wanted)
    if isinstance(wanted, ListType) and not isinstance(value, list):
        inner = _fit(value, wanted.element)
        return MISMATCH if inner is MISMATCH else [inner]
    return _fit(value, wanted)


def _fit(value: Any, wanted: FeelType) -> Any:
    """Return ``value`` where it conforms, a date as its midnight, else MISMATCH."""
    if conforms(value, wanted):
        return value
    return value.at_midnight() if wanted == DATE_TIME and isinstance(value, Date) else MISMATCH

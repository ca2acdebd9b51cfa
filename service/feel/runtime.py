"""What an evaluation gets from outside, and what it uses up.

:class:`Runtime` is the caller's: clock, zone, limits and functions of the domain; it is immutable and may
be shared by threads. :class:`Run` is one evaluation's: remaining steps, depth, warnings. Functions
receive the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from service.domain.clock import OFFICE_ZONE, Clock, SystemClock
from service.feel.convert import to_feel
from service.feel.errors import FeelWarning, Place, limit_error
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.values.nesting import CHARACTERS_PER_STEP, weight

if TYPE_CHECKING:
    from service.feel.values import FeelFunction

Value: TypeAlias = Any
"""A FEEL value: None, bool, Decimal, str, list, dict, or one of the classes of ``service.feel.values``."""

Arguments: TypeAlias = tuple[Value, ...] | dict[str, Value]
"""The arguments of a call: a tuple when given by position, a dict when given by name."""

_CONTAINERS: Final = (list, dict, tuple, set, frozenset, Mapping)
_NO_FUNCTIONS: Final[Mapping[str, FeelFunction]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Runtime:
    """The world around evaluations.

    Attributes:
        clock: the source of the current instant for ``now()`` and ``today()``.
        zone: the zone in which ``now()`` and ``today()`` are told.
        limits: what one evaluation may cost.
        functions: functions beside the built-in library, by name.
    """

    clock: Clock = field(default_factory=SystemClock)
    zone: ZoneInfo = OFFICE_ZONE
    limits: Limits = DEFAULT_LIMITS
    functions: Mapping[str, FeelFunction] = field(default_factory=lambda: _NO_FUNCTIONS)


class Run:
    """One evaluation under way: budgets, warnings, and the place that is being evaluated.

    Attributes:
        runtime: the world around it.
        limits: the same as ``runtime.limits``.
        functions: functions beside the built-in library, by name.
        place: where a warning or a limit that is met now belongs; the compiler keeps it current.
    """

    __slots__ = (
        "_converted",
        "_depth",
        "_now",
        "_warnings",
        "functions",
        "limits",
        "place",
        "runtime",
        "steps_left",
    )

    def __init__(self, runtime: Runtime, functions: Mapping[str, FeelFunction] | None = None) -> None:
        self.runtime = runtime
        self.limits = runtime.limits
        self.functions = runtime.functions if functions is None else functions
        self.place: Place | None = None
        self.steps_left = runtime.limits.steps
        self._depth = 0
        self._now: datetime | None = None
        self._warnings: list[tuple[str, str, str, Place | None]] | None = None
        self._converted: dict[int, tuple[Any, Value]] | None = None

    def now(self) -> datetime:
        """Return the current instant in the office zone; it stands still during one evaluation."""
        if self._now is None:
            self._now = self.runtime.clock.now().astimezone(self.runtime.zone)
        return self._now

    def convert(self, data: Any) -> Value:
        """Return plain Python data as a FEEL value; a list or dict is walked once per evaluation."""
        if not isinstance(data, _CONTAINERS):
            return to_feel(data)
        if self._converted is None:
            self._converted = {}
        known = self._converted.get(id(data))
        if known is None:
            self.pay_for(data)
            known = self._converted[id(data)] = (data, to_feel(data))
        return known[1]

    def report(self, code: str, vi: str, en: str) -> None:
        """Record why something became null, at the current place; the same reason is kept once per place."""
        if self._warnings is None:
            self._warnings = []
        if len(self._warnings) < self.limits.warnings:
            reason = (code, vi, en, self.place)
            if reason not in self._warnings:
                self._warnings.append(reason)

    def warnings(self) -> tuple[FeelWarning, ...]:
        """Return what was reported so far, in order."""
        return tuple(_warning(*entry) for entry in self._warnings or ())

    def spend(self, steps: int) -> None:
        """Use up ``steps`` of the budget.

        Raises:
            FeelLimitError: the budget is used up.
        """
        self.steps_left -= steps
        if self.steps_left < 0:
            count = self.limits.steps
            raise limit_error(
                self.place,
                "steps",
                f"Biểu thức cần hơn {count} bước tính.",
                f"The expression takes more than {count} steps.",
            )

    def pay_for(self, value: Value) -> None:
        """Use up a step for each item that a walk through ``value`` meets, and for each piece of a string.

        Raises:
            FeelLimitError: the budget is used up.
        """
        cost = weight(value, self.steps_left)
        if cost:
            self.spend(cost)

    def enter(self) -> None:
        """Go one call deeper.

        Raises:
            FeelLimitError: too many functions call one another.
        """
        self._depth += 1
        if self._depth > self.limits.call_depth:
            depth = self.limits.call_depth
            raise limit_error(
                self.place,
                "call_depth",
                f"Hàm gọi lồng nhau quá {depth} cấp.",
                f"Functions call one another more than {depth} levels deep.",
            )

    def leave(self) -> None:
        """Come back from a call."""
        self._depth -= 1

    def check_list(self, size: int) -> None:
        """Make sure that a list of ``size`` items may be built, and spend a step per item.

        Raises:
            FeelLimitError: the list would be too long, or the steps are used up.
        """
        if size > self.limits.list_items:
            most = self.limits.list_items
            raise limit_error(
                self.place,
                "list_items",
                f"Danh sách dài quá {most} phần tử.",
                f"A list has more than {most} items.",
            )
        self.spend(size)

    def check_string(self, size: int) -> None:
        """Make sure that a string of ``size`` characters may be built, and spend steps on a long one.

        Raises:
            FeelLimitError: the string would be too long, or the steps are used up.
        """
        if size > CHARACTERS_PER_STEP:
            self.spend(size // CHARACTERS_PER_STEP)
        if size > self.limits.string_characters:
            most = self.limits.string_characters
            raise limit_error(
                self.place,
                "string_characters",
                f"Chuỗi dài quá {most} ký tự.",
                f"A string has more than {most} characters.",
            )


def _warning(code: str, vi: str, en: str, place: Place | None) -> FeelWarning:
    if place is None:
        return FeelWarning(code, vi, en, 1, 1)
    line, column = place.source.line_and_column(place.offset)
    return FeelWarning(code, vi, en, line, column, place.source.text)

"""Item definitions as FEEL types: what a value of a user type must be (DMN 1.5 §7.3.3).

A type with allowed values is its structure plus tests, so the checks of the core (``conforms``, ``coerce``)
hold for it without knowing DMN. ``instance of`` looks at structure alone, as the standard says, and gets the
types of :attr:`TypeTable.structures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from service.domain.errors import Finding
from service.feel.compiler import Code
from service.feel.dmn.model import Definitions, FeelText, FunctionItem, ItemDefinition, Place
from service.feel.dmn.source import finding_at
from service.feel.dmn.texts import INPUT, compile_allowed_values
from service.feel.runtime import Run, Runtime
from service.feel.scope import Scope
from service.feel.types import ANY, BUILT_IN, ContextType, FeelType, FunctionType, ListType

_RUN: ContextVar[Run | None] = ContextVar("dmn_run", default=None)


@contextmanager
def checking_within(run: Run) -> Iterator[None]:
    """Let allowed values that are tested inside draw on the budget and the clock of ``run``."""
    token = _RUN.set(run)
    try:
        yield
    finally:
        _RUN.reset(token)


@dataclass(frozen=True, slots=True)
class Restriction:
    """Unary tests on a value; two restrictions are equal when their texts are."""

    text: str
    tests: Code

    def allows(self, value: Any) -> bool:
        """Tell whether ``value`` passes; outside of an evaluation the tests get a budget of their own."""
        run = _RUN.get() or Run(Runtime())
        return self.tests(Scope({INPUT: value}, None, run)) is True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Restriction) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(frozen=True, slots=True)
class RestrictedType(FeelType):
    """A type of which only some values are allowed."""

    base: FeelType
    restriction: Restriction

    @property
    def name(self) -> str:
        """The base type and what is allowed of it."""
        return f"{self.base.name} ({self.restriction.text})"

    @property
    def vi(self) -> str:
        """The base type in Vietnamese words, and what is allowed of it."""
        return f"{self.base.vi} ({self.restriction.text})"

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` is of the base type and allowed."""
        return self.base.accepts(value) and self.restriction.allows(value)


@dataclass(frozen=True, slots=True)
class RestrictedListType(ListType):
    """A list type of which only some lists are allowed; still a list to the core's conversions."""

    restriction: Restriction | None = None

    @property
    def name(self) -> str:
        """The list type and what is allowed of it."""
        allowed = f" ({self.restriction.text})" if self.restriction is not None else ""
        return f"list<{self.element.name}>{allowed}"

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` is a list of conforming items, and allowed as a whole."""
        is_list = ListType(self.element).accepts(value)
        return is_list and (self.restriction is None or self.restriction.allows(value))


@dataclass(frozen=True, slots=True)
class NamedType(FeelType):
    """A type by name, for types that contain themselves."""

    label: str
    table: TypeTable
    structural: bool

    @property
    def name(self) -> str:
        """The type's own name."""
        return self.label

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` belongs to the type of that name."""
        return self.table.get(self.label, structural=self.structural).accepts(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedType) and other.label == self.label

    def __hash__(self) -> int:
        return hash(self.label)


class TypeTable:
    """The types of one model: its item definitions, those of its imports, and FEEL's own.

    Args:
        definitions: the model.
        imported: the tables of imported models by import name.
        findings: receives unknown types, cycles and tests that are not FEEL.
    """

    def __init__(
        self, definitions: Definitions, imported: Mapping[str, TypeTable], findings: list[Finding]
    ) -> None:
        self._items = {item.name: item for item in definitions.item_definitions}
        self._imported = imported
        self._findings = findings
        self._built: dict[tuple[str, bool], FeelType] = {}
        self._building: set[tuple[str, bool]] = set()
        self._restrictions: dict[FeelText, Restriction | None] = {}
        for item in definitions.item_definitions:
            self.get(item.name, item.place)

    @cached_property
    def structures(self) -> Mapping[str, FeelType]:
        """Types by name for ``instance of`` and function parameters, without restrictions."""
        own = {name: self.get(name, structural=True) for name in self._items}
        for alias, table in self._imported.items():
            own.update({f"{alias}.{name}": part for name, part in table.structures.items()})
        return own

    def get(self, name: str | None, place: Place | None = None, *, structural: bool = False) -> FeelType:
        """Return the type called ``name``, Any for none; an unknown name at ``place`` is a finding.

        Args:
            name: own name, ``import.name`` or a name of FEEL.
            place: where the name is used.
            structural: leave allowed values out.
        """
        if name is None:
            return ANY
        if name in self._items:
            return self._own(name, structural)
        if name in BUILT_IN:
            return BUILT_IN[name]
        for alias, table in self._imported.items():
            inner = name.removeprefix(f"{alias}.")
            if inner != name and table.knows(inner):
                return table.get(inner, structural=structural)
        self._report_unknown(name, place)
        return ANY

    def knows(self, name: str) -> bool:
        """Tell whether the model itself defines the type."""
        return name in self._items

    def allowed_values(self, name: str | None) -> FeelText | None:
        """Return the allowed values of a type of this model, found through the types it repeats."""
        seen: set[str] = set()
        while name is not None and name in self._items and name not in seen:
            seen.add(name)
            item = self._items[name]
            if item.allowed is not None:
                return item.allowed
            name = item.type_ref
        for alias, table in self._imported.items():
            if name is not None and name.startswith(f"{alias}."):
                return table.allowed_values(name.removeprefix(f"{alias}."))
        return None

    def special_names(self) -> Iterator[str]:
        """Yield the names of all components, own ones only."""
        pending = list(self._items.values())
        while pending:
            item = pending.pop()
            pending.extend(item.components)
            yield from (component.name for component in item.components)

    def _own(self, name: str, structural: bool) -> FeelType:
        key = (name, structural)
        if key in self._built:
            return self._built[key]
        if key in self._building:
            return NamedType(name, self, structural)
        self._building.add(key)
        built = self._build(self._items[name], structural)
        self._building.discard(key)
        if built == NamedType(name, self, structural) or self._repeats_itself(name):
            self._report_cycle(self._items[name])
            built = ANY
        self._built[key] = built
        return built

    def _repeats_itself(self, name: str) -> bool:
        """Tell whether following plain repetitions from ``name`` never ends."""
        seen: set[str] = set()
        at: str | None = name
        while at is not None and at in self._items:
            if at in seen:
                return True
            seen.add(at)
            at = self._items[at].type_ref
        return False

    def _build(self, item: ItemDefinition, structural: bool) -> FeelType:
        base = self._base(item, structural)
        restriction = None if structural else self._restriction(item.allowed)
        if restriction is not None:
            base = _restricted(base, restriction)
        if item.is_collection:
            base = ListType(base)
        constraint = None if structural else self._restriction(item.constraint)
        return base if constraint is None else _restricted(base, constraint)

    def _base(self, item: ItemDefinition, structural: bool) -> FeelType:
        if item.function is not None:
            return self._function(item.function, item.place, structural)
        if item.components:
            return ContextType(
                tuple((component.name, self._build(component, structural)) for component in item.components)
            )
        return self.get(item.type_ref, item.place, structural=structural)

    def _function(self, function: FunctionItem, place: Place, structural: bool) -> FeelType:
        return FunctionType(
            tuple(
                self.get(parameter.type_ref, parameter.place, structural=structural)
                for parameter in function.parameters
            ),
            self.get(function.output_type_ref, place, structural=structural),
        )

    def _restriction(self, text: FeelText | None) -> Restriction | None:
        if text is None:
            return None
        if text not in self._restrictions:
            tests = compile_allowed_values(text, self._findings)
            shown = " ".join(text.text.split())
            self._restrictions[text] = None if tests is None else Restriction(shown, tests)
        return self._restrictions[text]

    def _report_unknown(self, name: str, place: Place | None) -> None:
        if place is not None:
            self._findings.append(
                finding_at(
                    place, "dmn.unknown_type", f"Không có kiểu {name!r}.", f"There is no type {name!r}."
                )
            )

    def _report_cycle(self, item: ItemDefinition) -> None:
        self._findings.append(
            finding_at(
                item.place,
                "dmn.type_cycle",
                f"Kiểu {item.name!r} được định nghĩa bằng chính nó.",
                f"Type {item.name!r} is defined by itself.",
            )
        )


def _restricted(base: FeelType, restriction: Restriction) -> FeelType:
    if type(base) is ListType:
        return RestrictedListType(base.element, restriction)
    return RestrictedType(base, restriction)


def unrestricted(wanted: FeelType) -> FeelType:
    """Return the type without its outermost restriction."""
    if isinstance(wanted, RestrictedType):
        return unrestricted(wanted.base)
    return ListType(wanted.element) if isinstance(wanted, RestrictedListType) else wanted

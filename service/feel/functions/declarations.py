"""Reads a function's declaration, such as ``substring(string: string, start position: number) -> string``.

Declarations are written in code; a wrong one is a programming error and raises ValueError at import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.feel.signature import Parameter, Signature
from service.feel.types import BUILT_IN, FeelType, ListType, RangeType

_GENERIC: Final[Mapping[str, type[ListType | RangeType]]] = {"list": ListType, "range": RangeType}


@dataclass(frozen=True, slots=True)
class EitherType(FeelType):
    """``a | b``: what several kinds of argument are called in a declaration.

    Attributes:
        choices: the kinds.
    """

    choices: tuple[FeelType, ...]

    @property
    def name(self) -> str:
        """The choices as they are declared."""
        return " | ".join(choice.name for choice in self.choices)

    @property
    def vi(self) -> str:
        """The choices in Vietnamese words."""
        return " hoặc ".join(choice.vi for choice in self.choices)

    def accepts(self, value: Any) -> bool:
        """Tell whether the non-null ``value`` is of one of the kinds."""
        return any(choice.accepts(value) for choice in self.choices)


def parse_declaration(text: str) -> tuple[str, Signature]:
    """Read ``name(parameters) -> result``.

    Raises:
        ValueError: the text is not a declaration, or it names an unknown type.
    """
    name, opened, rest = text.partition("(")
    inside, closed, result = rest.rpartition(") -> ")
    if not opened or not closed:
        raise ValueError(text)
    parameters = [_parameter(part) for part in _split(inside, ",")]
    is_rest = bool(parameters) and parameters[-1].name.startswith("...")
    collected = parameters.pop() if is_rest else None
    if collected is not None:
        collected = Parameter(collected.name.removeprefix("..."), collected.type, False, collected.nullable)
    return name, Signature(tuple(parameters), declared_type(result), collected)


def declared_type(text: str) -> FeelType:
    """Read a type: a name, ``list<…>``, ``range<…>``, or choices separated by ``|``.

    Raises:
        ValueError: there is no such type.
    """
    choices = list(_split(text, "|"))
    if len(choices) > 1:
        return EitherType(tuple(declared_type(choice) for choice in choices))
    name, opened, inside = text.strip().partition("<")
    if opened and name in _GENERIC:
        return _GENERIC[name](declared_type(inside.removesuffix(">")))
    known = BUILT_IN.get(text.strip())
    if known is None:
        raise ValueError(text)
    return known


def _parameter(text: str) -> Parameter:
    name, _, declared = text.partition(":")
    name, declared = name.strip(), declared.strip()
    is_optional, is_nullable = name.endswith("?"), declared.endswith("?")
    wanted = declared_type(declared.removesuffix("?"))
    return Parameter(name.removesuffix("?"), wanted, is_optional, is_nullable)


def _split(text: str, separator: str) -> Iterator[str]:
    """Split at separators that are not inside ``< >``."""
    depth, start = 0, 0
    for at, character in enumerate(text):
        depth += (character == "<") - (character == ">")
        if character == separator and not depth:
            yield text[start:at]
            start = at + 1
    if text[start:].strip():
        yield text[start:]

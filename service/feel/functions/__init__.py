"""The built-in functions of FEEL: the whole library of DMN 1.5, and a few that analysts expect."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.feel.functions.contexts import CONTEXTS
from service.feel.functions.conversions import CONVERSIONS
from service.feel.functions.dates import DATES
from service.feel.functions.intervals import INTERVALS
from service.feel.functions.library import DeclaredFunction, Library
from service.feel.functions.lists import LISTS
from service.feel.functions.logic import LOGIC
from service.feel.functions.numerics import NUMERICS
from service.feel.functions.patterns import PATTERNS
from service.feel.functions.statistics import STATISTICS
from service.feel.functions.strings import STRINGS

__all__ = ["BUILTINS", "EXTENSIONS", "DeclaredFunction", "Library"]

_LIBRARIES: Final = (
    *(CONVERSIONS, LOGIC, STRINGS, PATTERNS, LISTS, STATISTICS),
    *(NUMERICS, DATES, INTERVALS, CONTEXTS),
)

BUILTINS: Final[Mapping[str, DeclaredFunction]] = MappingProxyType(
    {name: function for library in _LIBRARIES for name, function in library.functions.items()}
)
"""Every built-in function by the name it is called by."""

EXTENSIONS: Final = frozenset({"extract", "get or else", "is defined", "is empty", "trim"})
"""The built-in functions that are not in the standard."""

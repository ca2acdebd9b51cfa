"""The boolean function (DMN 1.5, table 74)."""

from __future__ import annotations

from typing import Final

from service.feel.functions.library import Library

LOGIC: Final = Library()


@LOGIC.function("not(negand: boolean) -> boolean")
def negation(negand: bool) -> bool:
    """Turn true into false and false into true."""
    return not negand

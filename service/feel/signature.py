"""What a function takes and gives: one declaration for checks, named arguments, messages and documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from service.feel.types import ANY, FeelType, FunctionType


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Attributes:
        name: as used in named arguments; may hold spaces.
        type: what it takes; an argument is coerced to it, or the call is null.
        optional: the argument may be left out; "left out" and "given as null" differ.
        nullable: null reaches the function; otherwise a null argument makes the call null.
    """

    name: str
    type: FeelType = ANY
    optional: bool = False
    nullable: bool = True


@dataclass(frozen=True)
class Signature:
    """The parameters and the result of a function.

    Attributes:
        parameters: in order.
        result: what it gives.
        rest: collects further positional arguments; None when there is no such parameter.
    """

    parameters: tuple[Parameter, ...] = ()
    result: FeelType = ANY
    rest: Parameter | None = None

    @cached_property
    def function_type(self) -> FunctionType:
        """The type of a function with this signature."""
        return FunctionType(tuple(parameter.type for parameter in self.parameters), self.result)

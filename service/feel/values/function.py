"""What can be called: built-in functions, the host's functions, and those written in FEEL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.feel.runtime import Arguments, Run, Value
    from service.feel.signature import Signature


class FeelFunction(ABC):
    """A function value of the language."""

    __slots__ = ()

    @property
    @abstractmethod
    def signature(self) -> Signature:
        """What the function takes and gives."""

    @abstractmethod
    def invoke(self, arguments: Arguments, run: Run) -> Value:
        """Call the function.

        Args:
            arguments: a tuple when given by position, a dict when given by name.
            run: the evaluation under way; receives the reason when the result is null.

        Raises:
            FeelLimitError: the call is over a limit; nothing else is raised.
        """

"""Which value a name has at a point of an evaluation: a chain of frames, innermost first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.feel.runtime import Run


class Scope:
    """One frame of names.

    Attributes:
        names: the names of this frame.
        parent: the frame around it.
        run: the evaluation under way.
        raw: the values may be plain Python data that is still to be converted.
    """

    __slots__ = ("names", "parent", "raw", "run")

    def __init__(
        self, names: Mapping[str, Any], parent: Scope | None, run: Run, *, raw: bool = False
    ) -> None:
        self.names = names
        self.parent = parent
        self.run = run
        self.raw = raw

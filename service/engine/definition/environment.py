"""What a bundle may rely on besides itself: injected, so that checks need no registry, database or file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.domain.errors import Finding

FormCheck = Callable[[str, bytes], list[Finding]]
"""Checks one form file: its path in the bundle and its bytes."""


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """What a service-task handler declares, as far as a diagram can get it wrong.

    Attributes:
        operation: ``noun.verb``, the operator id in the diagram.
        parameters: every parameter name that the handler knows.
        required: those that a diagram must give.
        errors: BPMN error codes that the handler may raise.
        runs: ``inline`` in the step's transaction, or as a ``job`` after it.
    """

    operation: str
    parameters: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    runs: Literal["inline", "job"] = "inline"


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """The deployment that a bundle is checked for.

    Attributes:
        operations: handlers by operation.
        decisions: ids of decisions in the shared bundle.
        process_keys: keys of processes that call activities may name.
        form_keys: keys of shared forms.
        functions: names of FEEL functions that the engine adds to the standard library.
        clause_ids: ids of clauses of the regulations; None switches the look-up off.
        check_form: the form rules; None switches them off.
    """

    operations: Mapping[str, OperationSpec] = field(default_factory=dict)
    decisions: frozenset[str] = frozenset()
    process_keys: frozenset[str] = frozenset()
    form_keys: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    clause_ids: frozenset[str] | None = None
    check_form: FormCheck | None = None

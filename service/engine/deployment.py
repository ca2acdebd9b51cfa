"""What stands between an uploaded bundle and a stored version: every check, then the parsed processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

from handlers.contract import Handler
from service.domain.errors import Finding, InvalidInput
from service.engine.definition import (
    Bundle,
    Environment,
    OperationSpec,
    check_bundle,
    is_error,
    read_process_infos,
)
from service.engine.spiff.definition import Definition
from service.forms import check_form

REMEMBERED_BUNDLES: Final = 64


@dataclass(frozen=True, slots=True)
class CheckedBundle:
    """A bundle that may be stored: its facts for lists and its parsed processes."""

    info: Mapping[str, Any]
    spec: bytes


class DeploymentChecker:
    """Checks bundles against the handlers and functions of this installation.

    What was found is a fact of the content, so a bundle that many agencies deploy is checked once.

    Args:
        handlers: by operation.
        functions: names of the FEEL functions that we add to the standard library.
        clause_ids: known clauses of the regulations, None = not checked.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        functions: frozenset[str],
        clause_ids: frozenset[str] | None = None,
    ) -> None:
        operations = frozenset(_operation(handler) for handler in handlers.values())
        self._environment = _environment(operations, functions, clause_ids)

    def findings(self, bundle: Bundle) -> Sequence[Finding]:
        """Return everything that is wrong with a bundle, errors and warnings."""
        return _found(bundle, self._environment)

    def check(self, bundle: Bundle) -> CheckedBundle:
        """Return what is stored of a bundle.

        Raises:
            InvalidInput: the errors, each with file, element id and line.
        """
        return _checked(bundle, self._environment)


@lru_cache(maxsize=REMEMBERED_BUNDLES)
def _environment(
    operations: frozenset[OperationSpec], functions: frozenset[str], clause_ids: frozenset[str] | None
) -> Environment:
    return Environment(
        operations={one.operation: one for one in operations},
        functions=functions,
        clause_ids=clause_ids,
        check_form=check_form,
    )


@lru_cache(maxsize=REMEMBERED_BUNDLES)
def _found(bundle: Bundle, environment: Environment) -> tuple[Finding, ...]:
    return tuple(check_bundle(bundle, environment))


@lru_cache(maxsize=REMEMBERED_BUNDLES)
def _checked(bundle: Bundle, environment: Environment) -> CheckedBundle:
    findings = _found(bundle, environment)
    errors = [finding for finding in findings if is_error(finding)]
    if errors:
        raise _refused(bundle, errors)
    definition = Definition.parse({file.path: file.content for file in bundle.bpmn()}, bundle.key)
    warnings = [asdict(finding) for finding in findings]
    return CheckedBundle(_info(bundle, definition, warnings), definition.dump())


def _operation(handler: Handler) -> OperationSpec:
    return OperationSpec(
        operation=handler.operation,
        parameters=frozenset(parameter.name for parameter in handler.parameters),
        required=frozenset(parameter.name for parameter in handler.parameters if parameter.is_required),
        errors=handler.errors,
        runs=handler.runs,
    )


def _info(bundle: Bundle, definition: Definition, warnings: list[dict[str, Any]]) -> dict[str, Any]:
    main = next(info for info in read_process_infos(bundle) if info.key == bundle.key)
    return {
        "title_vi": main.title_vi,
        "title_en": main.title_en,
        "owner": main.owner,
        "may_start": main.may_start,
        "business_key": main.business_key,
        "starts": [asdict(start) for start in definition.start_events],
        "clauses": {element: list(clauses) for element, clauses in main.clauses.items()},
        "warnings": warnings,
    }


def _refused(bundle: Bundle, errors: Sequence[Finding]) -> InvalidInput:
    return InvalidInput(
        "bundle.refused",
        f"Gói quy trình “{bundle.key}” có {len(errors)} lỗi, chưa được triển khai.",
        f"The bundle '{bundle.key}' has {len(errors)} errors; nothing was deployed.",
        errors,
    )

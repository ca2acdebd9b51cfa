"""Every deploy check in one explicit tuple, in the order in which findings are shown."""

from __future__ import annotations

from typing import Final

from service.engine.definition import support
from service.engine.definition.archive import ARCHIVE_RULES
from service.engine.definition.checks import (
    activities,
    collaboration,
    contents,
    data,
    decisions,
    diagrams,
    events,
    expressions,
    extensions,
    flows,
    forms,
    gateways,
    identity,
    people,
    properties,
    references,
    results,
    service_tasks,
    structure,
    texts,
    triggers,
)
from service.engine.definition.rule import Check, Rule, Severity
from service.engine.definition.schema import SCHEMA_RULES
from service.engine.definition.xml import XML_RULES

CHECKS: Final[tuple[Check, ...]] = (
    *contents.CHECKS,
    *support.CHECKS,
    *identity.CHECKS,
    *texts.CHECKS,
    *references.CHECKS,
    *flows.CHECKS,
    *structure.CHECKS,
    *events.CHECKS,
    *triggers.CHECKS,
    *gateways.CHECKS,
    *activities.CHECKS,
    *data.CHECKS,
    *collaboration.CHECKS,
    *diagrams.CHECKS,
    *extensions.CHECKS,
    *properties.CHECKS,
    *people.CHECKS,
    *service_tasks.CHECKS,
    *decisions.CHECKS,
    *forms.CHECKS,
    *expressions.CHECKS,
    *results.CHECKS,
)
"""Checks that run on the model of a bundle."""

RULES: Final[tuple[Rule, ...]] = (
    *ARCHIVE_RULES,
    *XML_RULES,
    *SCHEMA_RULES,
    contents.TOO_MUCH,
    *(check.rule for check in CHECKS),
)
"""Every rule of deployment, those of reading archives and files first."""

_SEVERITIES: Final[dict[str, Severity]] = {rule.code: rule.severity for rule in RULES}


def severity_of(code: str) -> Severity:
    """Return how grave a finding is; those of forms and decision models have no rule here and are errors."""
    return _SEVERITIES.get(code, "error")

"""Checks a bundle before anything is stored: reads its files, runs every check, adds DMN's and forms'."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lxml import etree

from service.domain.errors import Finding, InvalidInput
from service.engine.definition import xml as hardened
from service.engine.definition.bundle import Bundle
from service.engine.definition.catalogue import CHECKS, severity_of
from service.engine.definition.checks.contents import TOO_MUCH
from service.engine.definition.environment import Environment
from service.engine.definition.model import Diagram, Model
from service.engine.definition.rule import line_of
from service.engine.definition.schema import validate
from service.engine.definition.vocabulary import BPMN, DMN_PREFIX, OLD_DMN_PREFIX
from service.feel.dmn import load_models

MAX_ELEMENTS: Final = 60_000
"""BPMN elements of all diagrams of a bundle together."""

MAX_FINDINGS: Final = 500
"""More than a person reads; a hostile bundle must not make the answer larger than itself."""


def check_bundle(bundle: Bundle, environment: Environment) -> list[Finding]:
    """Return everything that is wrong with a bundle, errors and warnings, in order of file and line.

    Nothing is raised for a bad bundle, and nothing of it is executed: not a script, not an expression.
    """
    model, findings = read_model(bundle, environment)
    count = sum(len(diagram.elements) for diagram in model.diagrams)
    if count > MAX_ELEMENTS:
        return [*findings, TOO_MUCH.finding(None, count=count, limit=MAX_ELEMENTS)]
    findings += _load_decisions(model)
    for diagram in model.diagrams:
        findings += validate(diagram.root, diagram.file)
    for check in CHECKS:
        findings += check.run(model)
    findings += _form_findings(bundle, environment)
    return _arranged(findings)


def is_error(finding: Finding) -> bool:
    """Say whether a finding stops a deployment; the others are warnings."""
    return severity_of(finding.code) == "error"


def errors_in(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stop a deployment."""
    return [finding for finding in findings if is_error(finding)]


def read_model(bundle: Bundle, environment: Environment) -> tuple[Model, list[Finding]]:
    """Parse the files of a bundle; return the model of those that parse and the findings on the others."""
    findings: list[Finding] = []
    diagrams: list[Diagram] = []
    for file in bundle.bpmn():
        root = _parsed(file.path, file.content, findings)
        if root is not None and _has_root(root, file.path, findings, is_dmn=False):
            diagrams.append(Diagram(file.path, root))
    dmn: dict[str, etree._Element] = {}
    for file in bundle.dmn():
        root = _parsed(file.path, file.content, findings)
        if root is not None and _has_root(root, file.path, findings, is_dmn=True):
            dmn[file.path] = root
    return Model(bundle, environment, tuple(diagrams), dmn), findings


def _parsed(path: str, content: bytes, findings: list[Finding]) -> etree._Element | None:
    try:
        return hardened.parse_xml(content, path)
    except InvalidInput as error:
        findings.extend(error.findings)
        return None


def _has_root(root: etree._Element, path: str, findings: list[Finding], *, is_dmn: bool) -> bool:
    name = etree.QName(root)
    namespace = name.namespace or ""
    fits = namespace.startswith((DMN_PREFIX, OLD_DMN_PREFIX)) if is_dmn else namespace == BPMN
    if fits and name.localname == "definitions":
        return True
    expected = "definitions (DMN)" if is_dmn else "definitions (BPMN 2.0)"
    line = line_of(root)
    findings.append(
        hardened.WRONG_ROOT.finding(path, line=line, found=str(root.tag)[:120], expected=expected)
    )
    return False


def _load_decisions(model: Model) -> list[Finding]:
    """Give the model the decisions of the DMN files that parse; return what their own reader finds wrong."""
    files = {file.path: file.content for file in model.bundle.dmn() if file.path in model.dmn}
    if not files:
        return []
    try:
        models = load_models(files, functions=model.environment.functions, lenient=True)
    except InvalidInput as error:
        return list(error.findings) or [Finding(error.code, error.vi, error.en)]
    model.decisions = models.decisions()
    return list(models.findings)


def _form_findings(bundle: Bundle, environment: Environment) -> list[Finding]:
    if environment.check_form is None:
        return []
    forms = bundle.forms().values()
    return [finding for file in forms for finding in environment.check_form(file.path, file.content)]


def _arranged(findings: list[Finding]) -> list[Finding]:
    """Return findings without repetitions, by file and line; errors win where there are too many."""
    unique = list(dict.fromkeys(findings))
    if len(unique) > MAX_FINDINGS:
        unique.sort(key=lambda one: severity_of(one.code) == "warning")
        unique = unique[:MAX_FINDINGS]
    return sorted(unique, key=lambda one: (one.file or "", one.line or 0))

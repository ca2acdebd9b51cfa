"""docs/bpmn-dialect.md, Business rule tasks; DMN 1.5, 6: called decisions are there and get their inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from service.engine.definition.model import Model, Node, extension_of
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.suggestions import LIKE_A_SLIP, NOTHING, nearest
from service.engine.definition.variables import variables_of

_CHAPTER = "docs/bpmn-dialect.md, Business rule tasks; DMN 1.5, 6.3 Decision"


def _calls(model: Model) -> Iterator[tuple[Node, etree._Element, str]]:
    for node in model.of_tag("businessRuleTask"):
        for xml in extension_of(node.xml, "calledDecisionId"):
            yield node, xml, str(xml.text or "").strip()


def _unknown(model: Model) -> Iterator[Fault]:
    known = model.environment.decisions | {decision.id for decision in model.decisions}
    for node, xml, name in _calls(model):
        if name and name not in known:
            yield Fault(node.diagram, xml, {"decision": name[:80], "near": nearest(name, known, 0.3)})


def _missing_input(model: Model) -> Iterator[Fault]:
    ids = _input_ids(model)
    inputs = {decision.id: decision.inputs for decision in model.decisions}
    for node, xml, decision in _calls(model):
        variables = variables_of(model, node.container.process)
        for needed in inputs.get(decision, ()):
            names = {needed.name, ids.get(needed.name, needed.name)}
            if names & variables.names:
                continue
            near = nearest(needed.name, variables.names, LIKE_A_SLIP)
            if variables.is_closed or near != NOTHING:
                yield Fault(node.diagram, xml, {"decision": decision, "name": needed.name, "near": near})


def _input_ids(model: Model) -> Mapping[str, str]:
    """Return the ids of input data by name: a variable may be named after either."""
    return {
        str(xml.get("name")): str(xml.get("id"))
        for root in model.dmn.values()
        for xml in root.iter("{*}inputData")
        if xml.get("name") and xml.get("id")
    }


CHECKS = (
    Check(
        Rule(
            "business_rule_task.unknown_decision",
            _CHAPTER,
            "“{id}” gọi quyết định “{decision}”, không có trong gói hay phần dùng chung.",
            "“{id}” calls the decision “{decision}”, which is neither in the bundle nor shared.",
            "Gần nhất: {near}. Mã này là id của <decision>, không phải tên.",
            "Nearest: {near}. It is the id of a <decision>, not its name.",
        ),
        _unknown,
    ),
    Check(
        Rule(
            "business_rule_task.missing_input",
            _CHAPTER,
            "Quyết định “{decision}” của “{id}” cần “{name}” mà không bước nào đặt.",
            "Decision “{decision}” of “{id}” needs “{name}”, which no step sets.",
            "Biến gần nhất: “{near}”.",
            "Nearest variable: “{near}”.",
            "warning",
        ),
        _missing_input,
    ),
)

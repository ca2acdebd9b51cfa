"""docs/bpmn-dialect.md, Business rule tasks; DMN 1.5, 6: the decisions that diagrams call are there."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from lxml import etree

from service.engine.definition.model import Model, extension_of
from service.engine.definition.rule import Check, Fault, Rule

_CALLABLE = frozenset({"decision", "decisionService"})


def decision_ids(root: etree._Element) -> frozenset[str]:
    """Return the ids of the decisions and decision services of a DMN file."""
    return frozenset(
        str(xml.get("id"))
        for xml in root.iter(tag=etree.Element)
        if etree.QName(xml).localname in _CALLABLE and xml.get("id")
    )


def _known(model: Model) -> frozenset[str]:
    own = (decision_ids(root) for root in model.dmn.values())
    return model.environment.decisions.union(*own)


def _unknown(model: Model) -> Iterator[Fault]:
    known = _known(model)
    for node in model.of_tag("businessRuleTask"):
        for xml in extension_of(node.xml, "calledDecisionId"):
            name = str(xml.text or "").strip()
            if name and name not in known:
                near = get_close_matches(name, known, n=3, cutoff=0.3)
                yield Fault(node.diagram, xml, {"decision": name, "near": ", ".join(near) or "–"})


CHECKS = (
    Check(
        Rule(
            "business_rule_task.unknown_decision",
            "docs/bpmn-dialect.md, Business rule tasks; DMN 1.5, 6.3 Decision",
            "“{id}” gọi quyết định “{decision}”, không có trong gói hay phần dùng chung.",
            "“{id}” calls the decision “{decision}”, which is neither in the bundle nor shared.",
            "Gần nhất: {near}. Mã này là id của <decision>, không phải tên.",
            "Nearest: {near}. It is the id of a <decision>, not its name.",
        ),
        _unknown,
    ),
)

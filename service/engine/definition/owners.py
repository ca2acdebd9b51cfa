"""Lanes as defaults of assignment: the lane of a node, also of one inside a sub-process of the lane."""

from __future__ import annotations

from lxml import etree

from service.engine.definition.model import Container, Node, properties_of
from service.engine.definition.vocabulary import bpmn


def lane_of(node: Node) -> etree._Element | None:
    """Return the innermost lane that lists a node, or the sub-process around it; None if none does."""
    step: Node | None = node
    while step is not None:
        lane = _lane_listing(step.container, step.id)
        if lane is None:
            lane = _lane_listing(step.container.process, step.id)
        if lane is not None:
            return lane
        step = step.container.node
    return None


def lane_owners_of(node: Node) -> str:
    """Return ``potential_owners`` (FEEL) of a node's lane or of a lane around it; empty if none has it."""
    lane = lane_of(node)
    while lane is not None:
        owners = properties_of(lane).get("potential_owners", "").strip()
        if owners:
            return owners
        lane = next(lane.iterancestors(bpmn("lane")), None)
    return ""


def _lane_listing(container: Container, node_id: str) -> etree._Element | None:
    found: etree._Element | None = None
    for lane_set in container.xml.iterchildren(bpmn("laneSet")):
        for lane in lane_set.iter(bpmn("lane")):
            for entry in lane.iterchildren(bpmn("flowNodeRef")):
                if str(entry.text or "").strip() == node_id:
                    found = lane
    return found

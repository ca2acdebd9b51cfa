"""Lanes as defaults of assignment: the lane of a node, also of one inside a sub-process of the lane."""

from __future__ import annotations

from lxml import etree

from service.engine.definition.model import Node, properties_of
from service.engine.definition.vocabulary import bpmn


def lane_of(node: Node) -> etree._Element | None:
    """Return the innermost lane that lists a node, or the sub-process around it; None if none does."""
    step: Node | None = node
    while step is not None:
        lane = step.container.lanes.get(step.id)
        if lane is None:
            lane = step.container.process.lanes.get(step.id)
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

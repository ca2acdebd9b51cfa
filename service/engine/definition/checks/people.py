"""docs/bpmn-dialect.md: who works on a task, how urgent it is, and how messages find their instance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.engine.definition.model import Container, Model, Node
from service.engine.definition.owners import lane_owners_of
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.sites import Site, expression_sites
from service.feel import ast

_CHAPTER = "docs/bpmn-dialect.md, Extension properties"
_USER_SITES = frozenset({"property excluded_owners", "property assigner"})
_OWNER_SITES = frozenset({"property may_start", "property potential_owners"}) | _USER_SITES
_CODE = r"[\w.\-]+"
OWNER_REFERENCE: Final = re.compile(rf"user:{_CODE}|unit:{_CODE}|role:{_CODE}(?:@unit:{_CODE})?|initiator")
USER_REFERENCE: Final = re.compile(rf"user:{_CODE}|initiator")
URGENCIES: Final = ("normal", "urgent", "very_urgent", "flash")
AUTHORITIES: Final = ("assign", "supervise", "allow_issue")
"""What an order must hand over for its holder to do a task in the owner's place."""


def _literals(site: Site) -> list[str]:
    """Return the strings that an expression can only give as they stand: itself, list items, if-branches."""
    return _strings(site.expression.tree) if site.expression is not None else []


def _strings(tree: ast.Node) -> list[str]:
    if isinstance(tree, ast.Text):
        return [tree.value]
    if isinstance(tree, ast.ListLiteral):
        return [text for item in tree.items for text in _strings(item)]
    if isinstance(tree, ast.If):
        results = [*(result for _, result in tree.branches), tree.otherwise]
        return [text for result in results for text in _strings(result)]
    return []


def _bad_owner(model: Model) -> Iterator[Fault]:
    for site in expression_sites(model):
        if site.what in _OWNER_SITES:
            pattern = USER_REFERENCE if site.what in _USER_SITES else OWNER_REFERENCE
            for text in _literals(site):
                if pattern.fullmatch(text) is None:
                    yield Fault(site.diagram, site.xml, {"text": text[:80], "what": site.what})


def _bad_urgency(model: Model) -> Iterator[Fault]:
    for site in expression_sites(model):
        if site.what == "property urgency":
            for text in _literals(site):
                if text not in URGENCIES:
                    yield Fault(site.diagram, site.xml, {"text": text[:80], "known": ", ".join(URGENCIES)})


def _bad_authority(model: Model) -> Iterator[Fault]:
    for node in model.nodes:
        text = node.properties.get("authority", AUTHORITIES[0])
        if text and text not in AUTHORITIES:
            yield Fault(node.diagram, node.xml, {"text": text[:80], "known": ", ".join(AUTHORITIES)})


def _nobody(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("userTask"):
        if "potential_owners" not in node.properties and not lane_owners_of(node):
            yield Fault(node.diagram, node.xml)


def _waits_for_message(node: Node) -> bool:
    if node.tag == "receiveTask":
        return True
    return node.tag in {"intermediateCatchEvent", "boundaryEvent"} and "message" in node.triggers


def _no_correlation(model: Model) -> Iterator[Fault]:
    for node in model.nodes:
        starts_inside = node.tag == "startEvent" and "message" in node.triggers and _is_inner(node.container)
        if (_waits_for_message(node) or starts_inside) and "correlation_key" not in node.properties:
            yield Fault(node.diagram, node.xml)


def _is_inner(container: Container) -> bool:
    return container.is_event_sub_process


CHECKS = (
    Check(
        Rule(
            "owner.syntax",
            "docs/bpmn-dialect.md, Owner references",
            "“{text}” ({what} của “{id}”) không phải cách ghi người xử lý.",
            "“{text}” ({what} of “{id}”) is no reference to people.",
            "Ghi user:<tên đăng nhập>, unit:<mã>, role:<vai trò>, role:<vai trò>@unit:<mã> hoặc initiator; "
            "người bị loại và người giao việc chỉ nhận user: và initiator.",
            "Write user:<login>, unit:<code>, role:<role>, role:<role>@unit:<code> or initiator; "
            "excluded owners and the assigner are user: or initiator.",
        ),
        _bad_owner,
    ),
    Check(
        Rule(
            "urgency.unknown",
            _CHAPTER,
            "Độ khẩn “{text}” của “{id}” không có trong bảng.",
            "“{id}” has the urgency “{text}”, which there is none of.",
            "Các giá trị: {known}.",
            "Values: {known}.",
        ),
        _bad_urgency,
    ),
    Check(
        Rule(
            "authority.unknown",
            _CHAPTER,
            "Thẩm quyền “{text}” của “{id}” không có trong bảng: không ủy quyền nào tới được việc này.",
            "“{id}” has the authority “{text}”, which there is none of: no order would reach the task.",
            "Các giá trị: {known}.",
            "Values: {known}.",
        ),
        _bad_authority,
    ),
    Check(
        Rule(
            "user_task.nobody",
            _CHAPTER,
            "Không ai được giao nhiệm vụ “{id}”: nó và làn của nó đều không có potential_owners.",
            "Nobody is given task “{id}”: neither it nor its lane has potential_owners.",
            "Thêm thuộc tính potential_owners cho nhiệm vụ hoặc cho làn.",
            "Add the property potential_owners to the task or to the lane.",
        ),
        _nobody,
    ),
    Check(
        Rule(
            "message.no_correlation",
            "docs/bpmn-dialect.md, Messages",
            "“{id}” chờ thông điệp mà không có correlation_key: thông điệp của hồ sơ khác cũng khớp.",
            "“{id}” waits for a message without a correlation_key: one for another instance would match.",
            "Thêm correlation_key, ví dụ business_key.",
            "Add a correlation_key, such as business_key.",
            "warning",
        ),
        _no_correlation,
    ),
)

"""BPMN 2.0.2, 10.6 Gateways: what each splits and joins, and joins that can wait for ever."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice

from service.engine.definition.checks.structure import MAX_NODES
from service.engine.definition.model import Container, Flow, Model, Node
from service.engine.definition.paths import Paths
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import ACTIVITIES, GATEWAYS

_CHAPTER = "BPMN 2.0.2, 10.6 Gateways: Sequence Flow Considerations"
_EVENT_BASED = "BPMN 2.0.2, 10.6 Gateways: Event-Based Gateway"
_PARALLEL = "BPMN 2.0.2, 13.4 Gateways: Parallel Gateway"
_EVENT_TARGETS = frozenset({"intermediateCatchEvent", "receiveTask"})
_EVENT_TRIGGERS = frozenset({"message", "timer", "conditional", "signal"})
_ALTERNATIVES = frozenset({"exclusiveGateway", "eventBasedGateway", "inclusiveGateway"})
_PAIRS_PER_JOIN = 30


def _useless(model: Model) -> Iterator[Fault]:
    for node in model.nodes:
        if node.tag in GATEWAYS and len(node.incoming) <= 1 and len(node.outgoing) == 1:
            yield Fault(node.diagram, node.xml)


def _direction(model: Model) -> Iterator[Fault]:
    for node in model.nodes:
        direction = str(node.xml.get("gatewayDirection") or "Unspecified")
        if node.tag in GATEWAYS and not _fits(direction, len(node.incoming), len(node.outgoing)):
            yield Fault(node.diagram, node.xml, {"direction": direction})


def _fits(direction: str, incoming: int, outgoing: int) -> bool:
    fits = {
        "Converging": incoming > 1 and outgoing <= 1,
        "Diverging": incoming <= 1 and outgoing > 1,
        "Mixed": incoming > 1 and outgoing > 1,
    }
    return fits.get(direction, True)


def _too_few_events(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("eventBasedGateway"):
        if len(node.outgoing) < 2:  # noqa: PLR2004 - the standard's own number
            yield Fault(node.diagram, node.xml, {"count": len(node.outgoing)})


def _event_targets(model: Model) -> Iterator[tuple[Node, Flow, Node]]:
    for node in model.of_tag("eventBasedGateway"):
        for flow in node.outgoing:
            if flow.target is not None:
                yield node, flow, flow.target


def _wrong_event_target(model: Model) -> Iterator[Fault]:
    for node, flow, target in _event_targets(model):
        if target.tag not in _EVENT_TARGETS or not _EVENT_TRIGGERS.issuperset(target.triggers):
            yield Fault(flow.diagram, flow.xml, {"gateway": node.id, "target": target.id})


def _shared_event_target(model: Model) -> Iterator[Fault]:
    for node, _, target in _event_targets(model):
        if len(target.incoming) > 1:
            yield Fault(target.diagram, target.xml, {"gateway": node.id})


def _mixed_receivers(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("eventBasedGateway"):
        targets = [flow.target for flow in node.outgoing if flow.target is not None]
        has_task = any(target.tag == "receiveTask" for target in targets)
        has_event = any("message" in target.triggers for target in targets)
        if has_task and has_event:
            yield Fault(node.diagram, node.xml)


def _receiver_with_boundary(model: Model) -> Iterator[Fault]:
    for node, _, target in _event_targets(model):
        for event in target.boundary if target.tag == "receiveTask" else []:
            yield Fault(event.diagram, event.xml, {"gateway": node.id, "task": target.id})


def _analysable(model: Model) -> Iterator[Container]:
    for container in model.containers:
        if container.starts() and len(container.nodes) <= MAX_NODES:
            yield container


def _may_deadlock(model: Model) -> Iterator[Fault]:
    for container in _analysable(model):
        joins = [node for node in container.nodes if node.tag == "parallelGateway" and len(node.incoming) > 1]
        paths = Paths(container)
        for join in joins:
            cause = _rival(paths, join)
            if cause is not None:
                yield Fault(join.diagram, join.xml, {"cause": cause})


def _rival(paths: Paths, join: Node) -> str | None:
    """Return the id of what lets only some of a parallel join's flows be taken; None if nothing does.

    Two flows into the join exclude each other when the last node common to all ways to them chooses one way:
    an exclusive, inclusive or event-based gateway, an activity that its boundary event leaves, or the choice
    between start events. A flow that comes back from behind the join can never bring its first token.
    """
    sources = [flow.source for flow in join.incoming if flow.source in paths.dominators]
    for source in sources:
        if source is not None and paths.dominates(join, source):
            return source.id
    reached = [source for source in sources if source is not None]
    for one, other in islice(combinations(reached, 2), _PAIRS_PER_JOIN):
        choice = paths.common_dominator(one, other)
        if choice is None:
            return " / ".join(entry.id for entry in paths.entries)
        if choice.tag in _ALTERNATIVES or (choice.tag in ACTIVITIES and choice.boundary):
            return choice.id
    return None


def _runs_twice(model: Model) -> Iterator[Fault]:
    for container in _analysable(model):
        paths = Paths(container)
        for node in container.nodes:
            merges = node.tag in ACTIVITIES or node.tag == "exclusiveGateway"
            fork = _fork_before(paths, node) if merges and len(node.incoming) > 1 else None
            if fork is not None:
                yield Fault(node.diagram, node.xml, {"fork": fork})


def _fork_before(paths: Paths, merge: Node) -> str | None:
    """Return the id of the parallel gateway whose branches meet at ``merge`` unjoined, if any."""
    sources = [flow.source for flow in merge.incoming if flow.source in paths.dominators]
    forward = [one for one in sources if one is not None and not paths.dominates(merge, one)]
    for one, other in islice(combinations(forward, 2), _PAIRS_PER_JOIN):
        fork = paths.common_dominator(one, other)
        if fork is not None and fork.tag == "parallelGateway" and len(fork.outgoing) > 1:
            return fork.id
    return None


CHECKS = (
    Check(
        Rule(
            "gateway.useless",
            _CHAPTER,
            "Cổng “{id}” không tách cũng không gộp luồng.",
            "Gateway “{id}” neither splits nor joins.",
            "Xoá cổng và nối thẳng, hoặc thêm nhánh còn thiếu.",
            "Delete it and join the flow directly, or add the missing branch.",
            "warning",
        ),
        _useless,
    ),
    Check(
        Rule(
            "gateway.direction",
            _CHAPTER,
            'Cổng “{id}” khai báo gatewayDirection="{direction}" nhưng số luồng vào, ra không như vậy.',
            'Gateway “{id}” declares gatewayDirection="{direction}", but its flows are otherwise.',
            "Xoá thuộc tính, hoặc sửa các luồng.",
            "Delete the attribute, or correct the flows.",
        ),
        _direction,
    ),
    Check(
        Rule(
            "event_gateway.too_few",
            _EVENT_BASED,
            "Cổng dựa trên sự kiện “{id}” có {count} luồng ra.",
            "Event-based gateway “{id}” has {count} outgoing flows.",
            "Nối nó tới ít nhất hai sự kiện chờ.",
            "Lead it to at least two events to wait for.",
        ),
        _too_few_events,
    ),
    Check(
        Rule(
            "event_gateway.wrong_target",
            _EVENT_BASED,
            "Luồng “{id}” dẫn cổng dựa trên sự kiện “{gateway}” tới “{target}”, không phải sự kiện để chờ.",
            "Flow “{id}” leads event-based gateway “{gateway}” to “{target}”, which is no event to wait for.",
            "Chỉ nối tới sự kiện chờ thông điệp, thời gian, tín hiệu, điều kiện hoặc nhiệm vụ nhận.",
            "Lead it only to message, timer, signal or conditional catch events, or to receive tasks.",
        ),
        _wrong_event_target,
    ),
    Check(
        Rule(
            "event_gateway.shared_target",
            _EVENT_BASED,
            "“{id}” đứng sau cổng dựa trên sự kiện “{gateway}” nhưng còn luồng khác đi vào.",
            "“{id}” follows event-based gateway “{gateway}” but has another incoming flow.",
            "Vẽ một sự kiện riêng cho luồng kia.",
            "Draw an event of its own for the other flow.",
        ),
        _shared_event_target,
    ),
    Check(
        Rule(
            "event_gateway.mixed_receivers",
            _EVENT_BASED,
            "Cổng “{id}” dẫn tới cả nhiệm vụ nhận lẫn sự kiện thông điệp.",
            "Gateway “{id}” leads to both receive tasks and message events.",
            "Dùng một loại cho mọi nhánh.",
            "Use one kind for all branches.",
        ),
        _mixed_receivers,
    ),
    Check(
        Rule(
            "event_gateway.receiver_boundary",
            _EVENT_BASED,
            "Sự kiện “{id}” gắn vào nhiệm vụ nhận “{task}” đứng sau cổng “{gateway}”.",
            "Event “{id}” is attached to receive task “{task}” behind gateway “{gateway}”.",
            "Đặt sự kiện đó thành một nhánh của cổng.",
            "Make the event a branch of the gateway.",
        ),
        _receiver_with_boundary,
    ),
    Check(
        Rule(
            "parallel_join.may_deadlock",
            _PARALLEL,
            "Cổng song song “{id}” có thể chờ mãi: “{cause}” không đưa token tới mọi luồng vào của nó.",
            "Parallel gateway “{id}” may wait for ever: “{cause}” does not send a token to all its flows.",
            "Gộp các nhánh lựa chọn bằng cổng loại trừ, hoặc tách bằng cổng song song.",
            "Join alternatives by an exclusive gateway, or split by a parallel one.",
            "warning",
        ),
        _may_deadlock,
    ),
    Check(
        Rule(
            "merge.runs_twice",
            _PARALLEL,
            "Các nhánh song song từ “{fork}” gặp nhau ở “{id}” mà không gộp: phần sau chạy nhiều lần.",
            "Parallel branches of “{fork}” meet at “{id}” unjoined: what follows runs more than once.",
            "Gộp bằng cổng song song, nếu không cố ý chạy nhiều lần.",
            "Join them by a parallel gateway, unless that is meant.",
            "warning",
        ),
        _runs_twice,
    ),
)

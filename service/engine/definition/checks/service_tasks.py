"""docs/bpmn-dialect.md, Service tasks: operations exist and get the parameters that they declare."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.definition.environment import OperationSpec
from service.engine.definition.model import Container, Model, Node, operator_of, parameters_of
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.suggestions import nearest
from service.engine.definition.vocabulary import dialect

_CHAPTER = "docs/bpmn-dialect.md, Service tasks"


def _operators(model: Model) -> Iterator[tuple[Node, etree._Element, str]]:
    for node in model.of_tag("serviceTask"):
        operator = operator_of(node)
        name = str(operator.get("id") or "").strip() if operator is not None else ""
        if operator is not None and name:
            yield node, operator, name


def _known(model: Model) -> Iterator[tuple[Node, etree._Element, OperationSpec]]:
    for node, operator, name in _operators(model):
        spec = model.environment.operations.get(name)
        if spec is not None:
            yield node, operator, spec


def _several_operators(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("serviceTask"):
        operators = list(node.xml.iter(dialect("serviceTaskOperator")))
        for operator in operators[1:]:
            yield Fault(node.diagram, operator)


def _unknown_operation(model: Model) -> Iterator[Fault]:
    operations = model.environment.operations
    for node, operator, name in _operators(model):
        if name not in operations:
            near = nearest(name, operations, 0.4)
            yield Fault(node.diagram, operator, {"operation": name[:80], "near": near})


def _unknown_parameter(model: Model) -> Iterator[Fault]:
    for node, operator, spec in _known(model):
        for one, name in parameters_of(operator):
            if name not in spec.parameters:
                known = ", ".join(sorted(spec.parameters)) or "–"
                yield Fault(
                    node.diagram, one, {"name": name or "–", "operation": spec.operation, "known": known}
                )


def _missing_parameter(model: Model) -> Iterator[Fault]:
    for node, operator, spec in _known(model):
        given = {name for _, name in parameters_of(operator)}
        for name in sorted(spec.required - given):
            yield Fault(node.diagram, operator, {"name": name, "operation": spec.operation})


def _repeated_parameter(model: Model) -> Iterator[Fault]:
    for node, operator, _ in _operators(model):
        seen: set[str] = set()
        for one, name in parameters_of(operator):
            if name in seen:
                yield Fault(node.diagram, one, {"name": name})
            seen.add(name)


def _never_raised(model: Model) -> Iterator[Fault]:
    for host in model.nodes:
        raised = _raised_codes(model, host) if host.boundary else None
        for event in host.boundary if raised is not None else []:
            code = _caught_code(event)
            if code is not None and raised is not None and code not in raised:
                known = ", ".join(sorted(raised)) or "–"
                yield Fault(event.diagram, event.xml, {"code": code, "host": host.id, "known": known})


def _caught_code(event: Node) -> str | None:
    """Return the error code that a boundary event waits for; None where it catches all, or no error."""
    for definition, trigger in zip(event.definitions, event.triggers, strict=True):
        if trigger == "error" and definition.get("errorRef") is not None:
            error = event.diagram.by_id.get(str(definition.get("errorRef")))
            return str(error.get("errorCode") or "") or None if error is not None else None
    return None


def _raised_codes(model: Model, host: Node) -> frozenset[str] | None:
    """Return every error code that an activity can end with; None where that cannot be known."""
    if host.tag == "serviceTask":
        operator = operator_of(host)
        spec = model.environment.operations.get(str(operator.get("id"))) if operator is not None else None
        return spec.errors if spec is not None else None
    if host.inner is not None:
        return _raised_inside(model, host.inner)
    return frozenset() if host.tag != "callActivity" else _raised_by_call(model, host)


def _raised_inside(model: Model, container: Container) -> frozenset[str] | None:
    """Return the codes raised in a container; the depth is bounded by the parser's limit."""
    codes: frozenset[str] = frozenset()
    for node in container.nodes:
        own = _thrown_code(node) if node.tag == "endEvent" else _raised_codes_no_loop(model, node)
        if own is None:
            return None
        codes |= own
    return codes


def _raised_codes_no_loop(model: Model, node: Node) -> frozenset[str] | None:
    """Return the codes of a node inside a container; a nested call is not followed further."""
    return None if node.tag == "callActivity" else _raised_codes(model, node)


def _raised_by_call(model: Model, host: Node) -> frozenset[str] | None:
    called = str(host.xml.get("calledElement") or "")
    for process in model.processes:
        if process.id == called:
            return _raised_inside(model, process)
    return None


def _thrown_code(node: Node) -> frozenset[str]:
    found = set()
    for definition, trigger in zip(node.definitions, node.triggers, strict=True):
        error = node.diagram.by_id.get(str(definition.get("errorRef"))) if trigger == "error" else None
        if error is not None:
            found.add(str(error.get("errorCode") or ""))
    return frozenset(found)


CHECKS = (
    Check(
        Rule(
            "service_task.several_operations",
            _CHAPTER,
            "Nhiệm vụ dịch vụ “{id}” có nhiều serviceTaskOperator.",
            "Service task “{id}” has several serviceTaskOperators.",
            "Tách thành nhiều nhiệm vụ.",
            "Split it into several tasks.",
        ),
        _several_operators,
    ),
    Check(
        Rule(
            "service_task.unknown_operation",
            _CHAPTER,
            "Thao tác “{operation}” của “{id}” không tồn tại.",
            "“{id}” names the operation “{operation}”, which does not exist.",
            "Gần nhất: {near}.",
            "Nearest: {near}.",
        ),
        _unknown_operation,
    ),
    Check(
        Rule(
            "service_task.unknown_parameter",
            _CHAPTER,
            "Thao tác “{operation}” không có tham số “{name}” mà “{id}” truyền.",
            "Operation “{operation}” knows no parameter “{name}”, which “{id}” gives.",
            "Các tham số có: {known}.",
            "It knows: {known}.",
        ),
        _unknown_parameter,
    ),
    Check(
        Rule(
            "service_task.missing_parameter",
            _CHAPTER,
            "“{id}” thiếu tham số bắt buộc “{name}” của thao tác “{operation}”.",
            "“{id}” lacks the parameter “{name}” that operation “{operation}” demands.",
            "Thêm tham số với một biểu thức FEEL.",
            "Add it with a FEEL expression.",
        ),
        _missing_parameter,
    ),
    Check(
        Rule(
            "service_task.repeated_parameter",
            _CHAPTER,
            "“{id}” truyền tham số “{name}” nhiều lần.",
            "“{id}” gives the parameter “{name}” more than once.",
            "Giữ một.",
            "Keep one.",
        ),
        _repeated_parameter,
    ),
    Check(
        Rule(
            "boundary_event.error_never_raised",
            _CHAPTER,
            "“{id}” chờ lỗi “{code}” mà “{host}” không bao giờ phát.",
            "“{id}” waits for the error “{code}”, which “{host}” never raises.",
            "Các mã lỗi có: {known}.",
            "It can raise: {known}.",
            "warning",
        ),
        _never_raised,
    ),
)

"""Tiny BPMN models written as Python calls; each call returns the XML of one element."""

from __future__ import annotations

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:test" id="d">'
)


def properties(**values: str) -> str:
    if not values:
        return ""
    items = "".join(f'<spiffworkflow:property name="{k}" value={quoteattr(v)}/>' for k, v in values.items())
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f"{items}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def node(kind: str, name: str, inner: str = "", attributes: str = "", **props: str) -> str:
    return f'<bpmn:{kind} id="{name}" {attributes}>{properties(**props)}{inner}</bpmn:{kind}>'


def start(name: str = "s", inner: str = "", attributes: str = "", **props: str) -> str:
    return node("startEvent", name, inner, attributes, **props)


def end(name: str = "e", inner: str = "", **props: str) -> str:
    return node("endEvent", name, inner, **props)


def user(name: str, inner: str = "", attributes: str = "", **props: str) -> str:
    return node("userTask", name, inner, attributes, **props)


def script(name: str, text: str, result: str | None = None, inner: str = "") -> str:
    props = {"result_variable": result} if result else {}
    return node(
        "scriptTask",
        name,
        f"{inner}<bpmn:script>{escape(text)}</bpmn:script>",
        'scriptFormat="feel"',
        **props,
    )


def service(name: str, operation: str, result: str = "", inner: str = "", **params: str) -> str:
    items = "".join(
        f'<spiffworkflow:parameter id="{k}" type="any" value={quoteattr(v)}/>' for k, v in params.items()
    )
    variable = f'resultVariable="{result}"' if result else ""
    operator = (
        f'<bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="{operation}" {variable}>'
        f"<spiffworkflow:parameters>{items}</spiffworkflow:parameters>"
        "</spiffworkflow:serviceTaskOperator></bpmn:extensionElements>"
    )
    return f'<bpmn:serviceTask id="{name}">{operator}{inner}</bpmn:serviceTask>'


def rule(name: str, decision: str, **props: str) -> str:
    called = f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"
    values = "".join(f'<spiffworkflow:property name="{k}" value={quoteattr(v)}/>' for k, v in props.items())
    return (
        f'<bpmn:businessRuleTask id="{name}"><bpmn:extensionElements>{called}'
        f"<spiffworkflow:properties>{values}</spiffworkflow:properties>"
        "</bpmn:extensionElements></bpmn:businessRuleTask>"
    )


def exclusive(name: str, default: str = "") -> str:
    return node("exclusiveGateway", name, attributes=f'default="{default}"' if default else "")


def parallel(name: str) -> str:
    return node("parallelGateway", name)


def inclusive(name: str, default: str = "") -> str:
    return node("inclusiveGateway", name, attributes=f'default="{default}"' if default else "")


def events(name: str) -> str:
    return node("eventBasedGateway", name)


def catch(name: str, inner: str, **props: str) -> str:
    return node("intermediateCatchEvent", name, inner, **props)


def throw(name: str, inner: str = "", **props: str) -> str:
    return node("intermediateThrowEvent", name, inner, **props)


def boundary(name: str, host: str, inner: str, interrupting: bool = True, **props: str) -> str:
    cancel = "true" if interrupting else "false"
    return node("boundaryEvent", name, inner, f'attachedToRef="{host}" cancelActivity="{cancel}"', **props)


def sub(name: str, *inner: str, attributes: str = "") -> str:
    return node("subProcess", name, "".join(inner), attributes)


def event_sub(name: str, *inner: str) -> str:
    return sub(name, *inner, attributes='triggeredByEvent="true"')


def call(name: str, called: str, inner: str = "") -> str:
    return node("callActivity", name, inner, f'calledElement="{called}"')


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(text)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def signal(name: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="s_{name}"/>'


def error(code: str = "") -> str:
    return f'<bpmn:errorEventDefinition errorRef="e_{code}"/>' if code else "<bpmn:errorEventDefinition/>"


def escalation(code: str) -> str:
    return f'<bpmn:escalationEventDefinition escalationRef="c_{code}"/>'


def conditional(text: str) -> str:
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{escape(text)}</bpmn:condition></bpmn:conditionalEventDefinition>"


def link(name: str) -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


TERMINATE = "<bpmn:terminateEventDefinition/>"


def many(  # noqa: PLR0917 - the loop's parts, given by name
    sequential: bool = False,
    cardinality: str = "",
    over: str = "",
    item: str = "",
    outputs: str = "",
    output: str = "",
    until: str = "",
) -> str:
    parts = [
        f"<bpmn:loopCardinality>{escape(cardinality)}</bpmn:loopCardinality>" if cardinality else "",
        f"<bpmn:loopDataInputRef>{over}</bpmn:loopDataInputRef>" if over else "",
        f"<bpmn:loopDataOutputRef>{outputs}</bpmn:loopDataOutputRef>" if outputs else "",
        f'<bpmn:inputDataItem id="i_{item}" name="{item}"/>' if item else "",
        f'<bpmn:outputDataItem id="o_{output}" name="{output}"/>' if output else "",
        f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else "",
    ]
    flag = "true" if sequential else "false"
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{flag}">'
        f"{''.join(parts)}</bpmn:multiInstanceLoopCharacteristics>"
    )


def looped(condition: str = "", maximum: int | None = None, before: bool = False) -> str:
    text = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    most = f'loopMaximum="{maximum}"' if maximum is not None else ""
    return (
        f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}" {most}>{text}'
        "</bpmn:standardLoopCharacteristics>"
    )


def flow(source: str, target: str, condition: str = "") -> str:
    inner = ""
    if condition:
        inner = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition)}</bpmn:conditionExpression>'
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def path(text: str) -> str:
    """Join elements by flows: ``path("s a b")`` is s → a → b."""
    names = text.split()
    return "".join(flow(a, b) for a, b in pairwise(names))


def process(name: str, *parts: str, **props: str) -> str:
    return (
        f'<bpmn:process id="{name}" isExecutable="true">{properties(**props)}{"".join(parts)}</bpmn:process>'
    )


def definitions(
    *processes: str, messages: str = "", signals: str = "", errors: str = "", escalations: str = ""
) -> bytes:
    head = [f'<bpmn:message id="m_{n}" name="{n}"/>' for n in messages.split()]
    head += [f'<bpmn:signal id="s_{n}" name="{n}"/>' for n in signals.split()]
    head += [f'<bpmn:error id="e_{n}" name="{n}" errorCode="{n}"/>' for n in errors.split()]
    head += [f'<bpmn:escalation id="c_{n}" name="{n}" escalationCode="{n}"/>' for n in escalations.split()]
    return f"{HEAD}{''.join(head)}{''.join(processes)}</bpmn:definitions>".encode()


def model(
    *parts: str, messages: str = "", signals: str = "", errors: str = "", escalations: str = ""
) -> bytes:
    """One file with one process ``p``."""
    return definitions(
        process("p", *parts), messages=messages, signals=signals, errors=errors, escalations=escalations
    )

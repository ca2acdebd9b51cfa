"""The names that BPMN 2.0, its diagram interchange and our dialect use, so that each is spelt once."""

from __future__ import annotations

from typing import Final

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN_DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DD_DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
DD_DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DIALECT: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"
DMN_PREFIX: Final = "https://www.omg.org/spec/DMN/"
OLD_DMN_PREFIX: Final = "http://www.omg.org/spec/DMN/"

TASKS: Final = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
    }
)
SUB_PROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES: Final = TASKS | SUB_PROCESSES | {"callActivity"}
HUMAN_TASKS: Final = frozenset({"userTask", "manualTask"})
EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway", "eventBasedGateway"}
)
CONDITIONAL_GATEWAYS: Final = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
FLOW_NODES: Final = ACTIVITIES | EVENTS | GATEWAYS
CONTAINERS: Final = SUB_PROCESSES | {"process"}

EVENT_DEFINITION_SUFFIX: Final = "EventDefinition"
ITEM_AWARE: Final = frozenset(
    {
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "dataInput",
        "dataOutput",
        "inputDataItem",
        "outputDataItem",
        "property",
    }
)
CATCH_TAGS: Final = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
THROW_TAGS: Final = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})

ENGINE_VARIABLES: Final = frozenset({"instance_id", "business_key", "initiator", "started_at", "agency"})
"""Variables that the engine sets at the start of every instance."""


def bpmn(tag: str) -> str:
    """Return ``tag`` of the BPMN model namespace in Clark notation."""
    return f"{{{BPMN}}}{tag}"


def dialect(tag: str) -> str:
    """Return ``tag`` of the dialect's extension namespace in Clark notation."""
    return f"{{{DIALECT}}}{tag}"

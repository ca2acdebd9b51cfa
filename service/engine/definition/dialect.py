"""The dialect's extension properties as a table: which there are, where each is read, which are FEEL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from service.engine.definition.vocabulary import CATCH_TAGS, EVENTS, FLOW_NODES, HUMAN_TASKS, THROW_TAGS

_MESSAGE_TAGS = CATCH_TAGS | THROW_TAGS
_RESULT_TAGS = HUMAN_TASKS | CATCH_TAGS | {"scriptTask", "businessRuleTask"}
ANYWHERE: Final[frozenset[str]] = frozenset()

PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    "title_vi": frozenset({"process"}),
    "title_en": frozenset({"process"}),
    "owner": frozenset({"process"}),
    "may_start": frozenset({"process"}),
    "business_key": frozenset({"process"}),
    "clauses": ANYWHERE,
    "potential_owners": HUMAN_TASKS | {"lane"},
    "excluded_owners": HUMAN_TASKS,
    "authority": HUMAN_TASKS,
    "assigner": HUMAN_TASKS,
    "form": HUMAN_TASKS,
    "result_variable": _RESULT_TAGS,
    "due": HUMAN_TASKS,
    "deadline_rule": HUMAN_TASKS,
    "urgency": HUMAN_TASKS,
    "subject": HUMAN_TASKS,
    "payload": THROW_TAGS,
    "correlation_key": _MESSAGE_TAGS,
    "milestone": FLOW_NODES | EVENTS,
}
"""Where each property of the dialect is read; an empty set means on any element."""

FEEL_PROPERTIES: Final = frozenset(
    {
        "may_start",
        "business_key",
        "potential_owners",
        "excluded_owners",
        "assigner",
        "due",
        "deadline_rule",
        "urgency",
        "subject",
        "payload",
        "correlation_key",
    }
)
"""Properties whose value is a FEEL expression."""

VARIABLE_NAME: Final = re.compile(r"[^\W\d]\w*")
"""Names of variables: one word, so that no expression can read it as several."""

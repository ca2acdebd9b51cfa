"""What a deploy check is made of: a rule (code, chapter, words) and a function that finds faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from lxml import etree

from service.domain.errors import Finding
from service.engine.definition.vocabulary import BPMN

if TYPE_CHECKING:
    from service.engine.definition.model import Diagram, Model

Severity = Literal["error", "warning"]
Element: TypeAlias = etree._Element  # noqa: SLF001 - the only name that lxml gives its elements
LogEntry: TypeAlias = etree._LogEntry  # noqa: SLF001 - and the entries of its logs


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold of a bundle, and the words for the person who broke it.

    The four texts are ``str.format`` templates; ``{id}`` is the element, further names come from the check.

    Attributes:
        code: stable, ``noun.reason``.
        chapter: where the rule stands: a chapter of BPMN 2.0.2 or DMN 1.5, or a document of ours.
        vi: what is wrong, Vietnamese.
        en: what is wrong, English.
        mend_vi: how to mend it, Vietnamese.
        mend_en: how to mend it, English.
        severity: an ``error`` stops the deployment, a ``warning`` is shown and kept with the version.
    """

    code: str
    chapter: str
    vi: str
    en: str
    mend_vi: str
    mend_en: str
    severity: Severity = "error"

    def finding(
        self,
        file: str | None,
        *,
        element: str | None = None,
        line: int | None = None,
        column: int | None = None,
        **values: Any,
    ) -> Finding:
        """Return the finding of this rule at one place, its texts filled with ``values``."""
        words = {"id": element or "?", "file": file or "?", "line": line or 1, **values}
        return Finding(
            code=self.code,
            vi=f"{self.vi.format(**words)} {self.mend_vi.format(**words)}",
            en=f"{self.en.format(**words)} {self.mend_en.format(**words)}",
            file=file,
            element=element,
            line=line,
            column=column,
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where a rule does not hold.

    Attributes:
        diagram: the file; None for a fault of the bundle as a whole.
        xml: the element at fault; its line is reported, and the id of the nearest element a person can see.
        values: what the rule's texts name besides ``{id}`` and ``{file}``.
        column: 1-based column inside an expression.
    """

    diagram: Diagram | None
    xml: etree._Element | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    column: int | None = None


MAX_FAULTS: Final = 200
"""Findings of one check; a hostile bundle must not make the checker write forty thousand texts."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule and the function that yields every place where a bundle breaks it."""

    rule: Rule
    find: Callable[[Model], Iterable[Fault]]

    def run(self, model: Model) -> list[Finding]:
        """Return the rule's first :data:`MAX_FAULTS` findings on ``model``."""
        return [self._finding(fault) for fault in islice(self.find(model), MAX_FAULTS)]

    def _finding(self, fault: Fault) -> Finding:
        diagram, xml = fault.diagram, fault.xml
        if diagram is None:
            words = dict(fault.values)
            return self.rule.finding(words.pop("file", None), **words)
        if xml is None:
            return self.rule.finding(diagram.file, **fault.values)
        return self.rule.finding(
            diagram.file,
            element=visible_id(xml),
            line=line_of(xml),
            column=fault.column,
            **fault.values,
        )


def line_of(xml: etree._Element) -> int | None:
    """Return the 1-based line on which an element's start tag ends; None for one that came from no file."""
    return cast("int | None", xml.sourceline)


_INNER_SUFFIXES = ("EventDefinition", "Expression", "Characteristics", "Association")
_INNER_TAGS = frozenset(
    {
        "laneSet",
        "ioSpecification",
        "inputSet",
        "outputSet",
        "condition",
        "completionCondition",
        "loopCondition",
        "loopCardinality",
        "timeDate",
        "timeDuration",
        "timeCycle",
    }
)


def visible_id(xml: etree._Element) -> str | None:
    """Return the id of the nearest enclosing element that an editor shows as a thing of its own.

    A timer definition or an expression may carry a generated id that nobody sees; its event or flow is meant.
    """
    step: etree._Element | None = xml
    while step is not None:
        identifier = step.get("id")
        if identifier and _is_visible(etree.QName(step)):
            return str(identifier)
        step = step.getparent()
    own = xml.get("id")
    return str(own) if own else None


def _is_visible(name: etree.QName) -> bool:
    if name.namespace != BPMN or name.localname == "definitions":
        return False
    return name.localname not in _INNER_TAGS and not name.localname.endswith(_INNER_SUFFIXES)

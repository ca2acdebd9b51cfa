"""Small DMN files for the tests, built from the parts that matter to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN_15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(*parts: str, version: str = DMN_15, namespace: str = "urn:test", extra: str = "") -> bytes:
    """Return a DMN file with these elements."""
    body = "\n".join(parts)
    return f'<definitions xmlns="{version}" name="test" namespace="{namespace}"{extra}>\n{body}\n</definitions>'.encode()


def literal(text: str, type_ref: str | None = None) -> str:
    return f"<literalExpression{_type(type_ref)}><text>{escape(text)}</text></literalExpression>"


def input_data(name: str, type_ref: str | None = None) -> str:
    return f'<inputData id="{name}" name="{name}"><variable name="{name}"{_type(type_ref)}/></inputData>'


def decision(
    name: str,
    logic: str,
    *,
    inputs: Iterable[str] = (),
    decisions: Iterable[str] = (),
    knowledge: Iterable[str] = (),
    type_ref: str | None = None,
) -> str:
    """Return a decision; its id is its name."""
    needs = "".join(
        f'<informationRequirement><required{kind} href="{href if "#" in href else "#" + href}"/></informationRequirement>'
        for kind, names in (("Input", inputs), ("Decision", decisions))
        for href in names
    )
    knows = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="{href if "#" in href else "#" + href}"/></knowledgeRequirement>'
        for href in knowledge
    )
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"{_type(type_ref)}/>'
        f"{needs}{knows}{logic}</decision>"
    )


def knowledge(name: str, body: str, parameters: Iterable[str] = (), kind: str = "FEEL") -> str:
    """Return a business knowledge model."""
    formal = "".join(f'<formalParameter name="{parameter}"/>' for parameter in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f'<encapsulatedLogic kind="{kind}">{formal}{body}</encapsulatedLogic></businessKnowledgeModel>'
    )


def table(
    policy: str,
    columns: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    outputs: Sequence[str] = ('<output name="out"/>',),
    aggregation: str | None = None,
) -> str:
    """Return a decision table; each rule lists its input cells, then its output cells."""
    inputs = "".join(
        column
        if column.startswith("<")
        else f"<input><inputExpression><text>{escape(column)}</text></inputExpression></input>"
        for column in columns
    )
    rows = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in rule[: len(columns)])
        + "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in rule[len(columns) :])
        + "</rule>"
        for rule in rules
    )
    gather = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="table" hitPolicy="{policy}"{gather}>{inputs}{"".join(outputs)}{rows}</decisionTable>'


def _type(type_ref: str | None) -> str:
    return "" if type_ref is None else f' typeRef="{type_ref}"'

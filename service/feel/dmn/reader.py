"""DMN files to models: definitions, item definitions and the requirements graph (DMN 1.5 §6, §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from service.domain.errors import Finding, InvalidInput
from service.feel.dmn.expression_reader import read_child_expression, read_function
from service.feel.dmn.model import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    DrgElement,
    FeelText,
    FunctionItem,
    Import,
    InformationItem,
    InputData,
    ItemDefinition,
    LiteralExpression,
    Place,
    Reference,
)
from service.feel.dmn.source import Source, children, first_child, is_model_element, normal_name
from service.feel.dmn.xml import Element, local_name, parse_xml


def read_definitions(content: bytes, file: str) -> tuple[Definitions, list[Finding]]:
    """Return the model in ``content`` and what is wrong with its shape.

    Raises:
        InvalidInput: the file is not XML, not DMN 1.1 to 1.5, or over a limit.
    """
    root = parse_xml(content, file)
    if local_name(root) != "definitions" or not is_model_element(root):
        finding = Finding(
            "dmn.not_dmn",
            "Tệp không phải DMN 1.1 đến 1.5.",
            "The file is not DMN 1.1 to 1.5.",
            file=file,
            line=1,
        )
        raise InvalidInput(finding.code, finding.vi, finding.en, (finding,))
    source = Source(file, normal_name(root.get("namespace")))
    imports = tuple(_read_imports(source, root))
    source.import_names.update({entry.namespace: entry.name for entry in imports})
    definitions = Definitions(
        name=normal_name(root.get("name")),
        namespace=source.namespace,
        imports=imports,
        item_definitions=tuple(_read_type(source, child) for child in children(root, "itemDefinition")),
        elements=_read_elements(source, root),
        place=source.place(root),
    )
    return definitions, source.findings


def _read_imports(source: Source, root: Element) -> Iterator[Import]:
    """Yield the imported models; imported types of other kinds (XSD, PMML) are findings."""
    for child in children(root, "import"):
        kind = child.get("importType") or ""
        if "/DMN/" not in kind.upper():
            source.report(
                "dmn.import_type",
                f"Không nhập được mô hình kiểu {kind!r}; chỉ nhập DMN.",
                f"Models of type {kind!r} cannot be imported, only DMN.",
                source.place(child),
            )
            continue
        yield Import(normal_name(child.get("name")), normal_name(child.get("namespace")), source.place(child))


def _read_type(source: Source, element: Element) -> ItemDefinition:
    function = first_child(element, "functionItem")
    return ItemDefinition(
        name=normal_name(element.get("name")),
        type_ref=source.type_ref(element),
        components=tuple(_read_type(source, child) for child in children(element, "itemComponent")),
        function=None if function is None else _read_function_item(source, function),
        allowed=_tests(source, element, "allowedValues"),
        constraint=_tests(source, element, "typeConstraint"),
        is_collection=(element.get("isCollection") or "").strip() in {"true", "1"},
        place=source.place(element),
    )


def _read_function_item(source: Source, element: Element) -> FunctionItem:
    raw = element.get("outputTypeRef")
    return FunctionItem(
        parameters=tuple(source.information_item(child) for child in children(element, "parameters")),
        output_type_ref=None if raw is None else source.type_name(raw, element),
    )


def _tests(source: Source, element: Element, name: str) -> FeelText | None:
    child = first_child(element, name)
    if child is None:
        return None
    text = source.feel_text(child)
    return text if text.text.strip() else None


def _read_elements(source: Source, root: Element) -> dict[str, DrgElement]:
    elements: dict[str, DrgElement] = {}
    for child in children(root, *_ELEMENT_READERS):
        element = _ELEMENT_READERS[local_name(child)](source, child)
        if element.id in elements:
            source.report(
                "dmn.duplicate_id",
                f"Mã {element.id!r} dùng hai lần trong tệp.",
                f"The id {element.id!r} is used twice in the file.",
                element.place,
            )
        elements[element.id] = element
    return elements


def _identity(source: Source, element: Element) -> tuple[str, str, InformationItem, Place]:
    """Return id, name, variable and place of a DRG element; the name stands in for a missing one."""
    place = source.place(element)
    name = normal_name(element.get("name"))
    variable = first_child(element, "variable")
    item = InformationItem(name, None, place)
    if variable is not None:
        item = source.information_item(variable)
        if not item.name:
            item = InformationItem(name, item.type_ref, item.place)
    return element.get("id") or name, name, item, place


def _read_input_data(source: Source, element: Element) -> InputData:
    return InputData(*_identity(source, element))


def _read_decision(source: Source, element: Element) -> Decision:
    key, name, variable, place = _identity(source, element)
    question = first_child(element, "question")
    logic = read_child_expression(source, element)
    if isinstance(logic, LiteralExpression) and not logic.text.text.strip():
        source.report(
            "dmn.expression_missing",
            "Quyết định chưa có biểu thức.",
            "The decision has no expression.",
            place,
        )
    return Decision(
        id=key,
        name=name,
        variable=variable,
        question="" if question is None else " ".join((question.text or "").split()),
        requires=_requirements(source, element, "informationRequirement"),
        knowledge=_requirements(source, element, "knowledgeRequirement"),
        logic=logic,
        place=place,
    )


def _read_knowledge(source: Source, element: Element) -> BusinessKnowledgeModel:
    key, name, variable, place = _identity(source, element)
    logic = first_child(element, "encapsulatedLogic")
    return BusinessKnowledgeModel(
        id=key,
        name=name,
        variable=variable,
        knowledge=_requirements(source, element, "knowledgeRequirement"),
        logic=None if logic is None else read_function(source, logic),
        place=place,
    )


def _read_service(source: Source, element: Element) -> DecisionService:
    key, name, variable, place = _identity(source, element)
    return DecisionService(
        id=key,
        name=name,
        variable=variable,
        output_decisions=_references(source, element, "outputDecision"),
        encapsulated_decisions=_references(source, element, "encapsulatedDecision"),
        input_decisions=_references(source, element, "inputDecision"),
        input_data=_references(source, element, "inputData"),
        place=place,
    )


_ELEMENT_READERS: Final[dict[str, Callable[[Source, Element], DrgElement]]] = {
    "inputData": _read_input_data,
    "decision": _read_decision,
    "businessKnowledgeModel": _read_knowledge,
    "decisionService": _read_service,
}


def _requirements(source: Source, element: Element, kind: str) -> tuple[Reference, ...]:
    return tuple(
        reference
        for requirement in children(element, kind)
        for reference in _references(
            source, requirement, "requiredDecision", "requiredInput", "requiredKnowledge"
        )
    )


def _references(source: Source, element: Element, *names: str) -> tuple[Reference, ...]:
    references = []
    for child in children(element, *names):
        namespace, _, key = (child.get("href") or "").strip().rpartition("#")
        own = namespace in {"", source.namespace}
        references.append(Reference("" if own else namespace, key, source.place(child)))
    return tuple(references)

"""What may be read as DMN, and what is refused before anything else looks at it."""

from __future__ import annotations

import pytest

from service.domain.errors import InvalidInput
from service.feel.dmn import load_models
from service.feel.dmn.reader import read_definitions
from service.feel.dmn.xml import MAX_BYTES, MAX_DEPTH
from service.feel.runtime import Runtime
from tests.unit.feel.dmn.dmn_source import decision, input_data, literal, model

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def code_of(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_definitions(content, "a.dmn")
    assert caught.value.findings[0].file == "a.dmn"
    return caught.value.code


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_from_1_1_to_1_5_is_read(version: str) -> None:
    content = model(
        input_data("age", "number"), decision("next", literal("age + 1"), inputs=["age"]), version=version
    )
    assert load_models({"a.dmn": content}).decide("next", {"age": 1}, Runtime()).value == 2


def test_the_prefix_of_the_first_version_names_a_feel_type() -> None:
    content = model(
        input_data("age", "feel:number"),
        decision("next", literal("age"), inputs=["age"], type_ref="feel:number"),
        version=VERSIONS[0],
        extra=' xmlns:feel="http://www.omg.org/spec/FEEL/20140401"',
    )
    models = load_models({"a.dmn": content})
    assert models.decide("next", {"age": 5}, Runtime()).value == 5
    assert models.decide("next", {"age": "five"}, Runtime()).value is None


def test_a_document_type_declaration_is_refused() -> None:
    assert code_of(b'<!DOCTYPE x [<!ENTITY a "b">]>' + model()) == "dmn.doctype"


def test_a_document_type_declaration_in_another_encoding_is_refused() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE definitions [<!ENTITY a "b">]><definitions/>'
    assert code_of(text.encode("utf-16")) == "dmn.doctype"


def test_an_entity_bomb_ends_before_it_grows() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE d [<!ENTITY e0 "x">{entities}]><d>&e11;</d>'
    assert code_of(text.encode("utf-16")) in {"dmn.doctype", "dmn.not_xml"}


def test_text_that_is_not_xml_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_definitions(b"<definitions>\n<oops</definitions>", "a.dmn")
    assert (caught.value.code, caught.value.findings[0].line) == ("dmn.not_xml", 2)


def test_other_xml_is_refused() -> None:
    assert code_of(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>') == "dmn.not_dmn"


def test_a_file_over_the_size_limit_is_refused() -> None:
    assert code_of(b" " * (MAX_BYTES + 1)) == "dmn.too_large"


def test_a_file_nested_over_the_limit_is_refused() -> None:
    depth = MAX_DEPTH + 1
    assert code_of(b"<a>" * depth + b"</a>" * depth) == "dmn.too_complex"


def test_names_are_read_with_single_spaces_in_composed_form() -> None:
    decomposed = "so\u0302\u0301   tie\u0302\u0300n"
    content = model(decision("số tiền", literal("1")).replace('"số tiền"', f'"{decomposed}"'))
    assert load_models({"a.dmn": content}).decide("số  tiền", {}, Runtime()).value == 1

"""How a form reads a submission, chooses what it shows, and is judged at deployment."""

from __future__ import annotations

import unicodedata

import orjson
import pytest

from service.domain.errors import InvalidInput, TooLarge
from service.forms import check_draft, check_form, load_form

FIELDS = {
    "document": {"readOnly": True, "x-label-vi": "Văn bản", "x-label-en": "Document", "x-parts": ["title"]},
    "kind": {
        "type": "string",
        "enum": ["a", "b"],
        "x-enum-labels": {"a": {"vi": "A", "en": "A"}, "b": {"vi": "B", "en": "B"}},
        "x-label-vi": "Loại",
        "x-label-en": "Kind",
    },
    "words": {
        "type": "string",
        "maxLength": 20,
        "x-label-vi": "Lời",
        "x-label-en": "Words",
        "x-show-if": 'kind = "b"',
        "x-from": "document.note",
    },
    "people": {
        "type": "array",
        "items": {"type": "string", "maxLength": 10},
        "maxItems": 3,
        "default": [],
        "x-label-vi": "Người",
        "x-label-en": "People",
    },
}


def _form(**changes):
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Thử",
        "x-title-en": "Trial",
        "type": "object",
        "properties": FIELDS,
        "required": ["kind"],
        "additionalProperties": False,
    }
    return orjson.dumps(schema | changes)


def _loaded(**changes):
    return load_form("trial/step.form.json", _form(**changes))


def _faults(data, **changes):
    with pytest.raises(InvalidInput) as caught:
        _loaded(**changes).validate(data)
    return {(one.code, one.pointer) for one in caught.value.findings}


def test_every_writable_field_is_there_afterwards_with_its_default_or_null() -> None:
    assert _loaded().validate({"kind": "a"}) == {"kind": "a", "words": None, "people": []}


def test_text_is_trimmed_and_composed_and_an_empty_one_is_absent() -> None:
    given = {"kind": "b", "words": f" {unicodedata.normalize('NFD', 'Đã rõ')} ", "people": [" an "]}
    assert _loaded().validate(given)["words"] == "Đã rõ"
    assert _loaded().validate(given)["people"] == ["an"]
    assert _loaded().validate(given | {"words": "  "})["words"] is None


def test_what_the_form_hides_is_dropped_even_if_it_is_wrong() -> None:
    assert _loaded().validate({"kind": "a", "words": "x" * 50})["words"] is None
    assert _faults({"kind": "b", "words": "x" * 50}) == {("form.too_long", "/words")}


def test_read_only_and_unknown_fields_are_refused() -> None:
    assert _faults({"kind": "a", "document": {}, "a/b": 1}) == {
        ("form.read_only", "/document"),
        ("form.unknown_field", "/a~1b"),
    }


def test_all_faults_are_told_at_once() -> None:
    assert _faults({"people": ["x" * 11, 5]}) == {
        ("form.required", "/kind"),
        ("form.too_long", "/people/0"),
        ("form.type", "/people/1"),
    }


def test_a_fault_speaks_the_label_and_not_the_librarys_words() -> None:
    with pytest.raises(InvalidInput) as caught:
        _loaded().validate({"kind": "c"})
    (fault,) = caught.value.findings
    assert fault.vi == "“Loại” phải là một trong: a, b."
    assert fault.en == "“Kind” must be one of: a, b."


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_what_is_no_object_is_refused(data) -> None:
    assert {code for code, _ in _faults(data)} == {"form.not_an_object"}


def test_only_what_the_form_names_is_shown_and_of_an_object_only_its_parts() -> None:
    variables = {"document": {"title": "T", "note": "N", "secret": 1}, "other": 5, "kind": "b"}
    shown = _loaded().visible_data(variables)
    assert shown == {"document": {"title": "T"}, "kind": "b", "words": "N"}


def test_a_draft_is_asked_for_nothing_but_its_size() -> None:
    check_draft({"kind": 17, "anything": None})
    with pytest.raises(TooLarge):
        check_draft({"words": "x" * 70_000})


def _with(name, **changes):
    return _form(properties=FIELDS | {name: FIELDS.get(name, {}) | changes})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "form.not_json"),
        (b"[]", "form.shape"),
        (_form(title=""), "form.shape"),
        (_form(properties={}), "form.shape"),
        (_form(required=["nothing"]), "form.unknown_name"),
        (_form(required=["document"]), "form.read_only_required"),
        (_with("words", **{"$ref": "https://example.org/x"}), "form.shape"),
        (_with("words", pattern="(a+)+$"), "form.pattern"),
        (_with("words", pattern="("), "form.pattern"),
        (_with("words", **{"x-show-if": "kind =="}), "form.show_if"),
        (_with("words", **{"x-show-if": "nobody = 1"}), "form.show_if"),
        (_with("kind", **{"x-enum-labels": {"a": {"vi": "A", "en": "A"}}}), "form.enum_labels"),
        (_with("more", type="string", **{"x-label-vi": "Chữ", "x-label-en": "Text"}), "form.shape"),
        (_with("more", type="string", maxLength=5, **{"x-label-vi": "Chữ"}), "form.shape"),
        (_form(description="x" * 300_000), "form.too_large"),
    ],
)
def test_a_form_that_is_not_in_the_form_of_our_forms_is_refused(content: bytes, code: str) -> None:
    findings = check_form("forms/trial/step.form.json", content)
    assert code in {one.code for one in findings}
    assert all(one.file == "forms/trial/step.form.json" and one.vi and one.en for one in findings)
    with pytest.raises(InvalidInput):
        load_form("forms/trial/step.form.json", content)

"""Hostile JSON: refused with a clear problem, never a fault, never understood in two ways."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.http.faults import Malformed
from service.http.json_text import MAX_DEPTH, read_json, write_json
from tests.api.callers import assert_problem

HOSTILE = {
    "nested_arrays": (b'{"login": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "json.too_deep"),
    "nested_objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "json.too_deep"),
    "unclosed_nesting": (b"[" * 200, "json.too_deep"),
    "long_integer": (b'{"login": ' + b"9" * 5_000 + b"}", "json.number_range"),
    "huge_exponent": (b'{"login": 1e999999999}', "json.number_range"),
    "tiny_exponent": (b'{"login": 1e-999999999}', "json.number_range"),
    "not_a_number": (b'{"login": NaN}', "json.not_a_number"),
    "infinity": (b'{"login": -Infinity}', "json.not_a_number"),
    "repeated_name": (b'{"login": "a", "login": "b"}', "json.repeated_name"),
    "repeated_name_by_escape": (b'{"login": "a", "\\u006cogin": "b"}', "json.repeated_name"),
    "invalid_utf8": (b'{"login": "\xff\xfe"}', "json.not_utf8"),
    "overlong_utf8": (b'{"login": "\xc0\xaf"}', "json.not_utf8"),
    "utf16": ('{"login": "a"}'.encode("utf-16"), "json.not_utf8"),
    "lone_surrogate": (b'{"login": "\\ud800"}', "json.bad_character"),
    "nul": (b'{"login": "a\\u0000b"}', "json.bad_character"),
    "nul_in_name": (b'{"a\\u0000": 1}', "json.bad_character"),
    "raw_control_character": (b'{"login": "a\x01"}', "json.syntax"),
    "single_quotes": (b"{'login': 'a'}", "json.syntax"),
    "trailing_comma": (b'{"login": "a",}', "json.syntax"),
    "two_values": (b'{"login": "a"} {}', "json.syntax"),
    "byte_order_mark": (b'\xef\xbb\xbf{"login": "a"}', "json.syntax"),
    "cut_off": (b'{"login": "a', "json.syntax"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_a_malformed_request(anonymous, name):
    body, code = HOSTILE[name]
    answer = anonymous.ask("POST", "/api/v1/sessions", data=body, content_type="application/json")
    assert_problem(answer, 400, code)


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"true"])
def test_a_body_that_is_no_object_is_invalid(anonymous, body):
    answer = anonymous.ask("POST", "/api/v1/sessions", data=body, content_type="application/json")
    assert_problem(answer, 422, "request.invalid")


def test_each_wrong_field_has_a_pointer_in_the_language_asked_for(anonymous):
    body = {"login": 5, "carrier": "pigeon", "extra/field~": 1}
    for language, text in (("vi", "Bắt buộc nhập."), ("en", "Required.")):
        answer = anonymous.post("/api/v1/sessions", body, headers={"Accept-Language": language})
        document = assert_problem(answer, 422, "request.invalid")
        found = {error["pointer"]: (error["code"], error["detail"]) for error in document["errors"]}
        assert found["/password"] == ("field.required", text)
        assert found["/login"][0] == "field.text"
        assert found["/carrier"][0] == "field.choice"
        assert found["/extra~1field~0"][0] == "field.unknown"
        assert document["in"] == "body"
        assert answer.headers["Content-Language"] == language


def test_a_body_of_another_type_is_refused(anonymous):
    answer = anonymous.ask("POST", "/api/v1/sessions", data=b"login=a", content_type="text/plain")
    assert_problem(answer, 415, "body.not_json")


def test_a_body_over_the_limit_is_refused(anonymous):
    body = b'{"login": "' + b"a" * 1_100_000 + b'"}'
    answer = anonymous.ask("POST", "/api/v1/sessions", data=body, content_type="application/json")
    assert_problem(answer, 413, "body.too_large")


def test_a_missing_body_names_the_missing_fields(anonymous):
    document = assert_problem(anonymous.ask("POST", "/api/v1/sessions"), 422, "request.invalid")
    assert {error["pointer"] for error in document["errors"]} == {"/login", "/password"}


def test_numbers_keep_every_digit():
    text = b'{"amount":12345678901234567890.123456789,"count":123456789012345678901234567890}'
    value = read_json(text)
    assert value["amount"] == Decimal("12345678901234567890.123456789")
    assert write_json(value) == text


def test_text_becomes_nfc_whether_typed_or_escaped():
    decomposed = "Tie\u0302\u0301ng Vie\u0302\u0323t"
    assert read_json(f'["{decomposed}"]'.encode()) == ["Tiếng Việt"]
    assert read_json(b'["e\\u0302\\u0301"]') == ["ế"]


def test_brackets_in_text_do_not_count_as_nesting():
    assert read_json(b'["' + b"[" * 500 + b'"]') == ["[" * 500]


def test_nesting_up_to_the_limit_is_read():
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert read_json(deepest) is not None
    with pytest.raises(Malformed):
        read_json(b"[" + deepest + b"]")

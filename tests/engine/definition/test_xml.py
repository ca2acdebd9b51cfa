"""Hostile XML ends in one finding with a line, in time and memory bounded by the limits."""

import time
import tracemalloc

import pytest
from lxml import etree

from service.domain.errors import InvalidInput
from service.engine.definition.xml import XmlLimits, parse_xml

LAUGHS = "\n".join(
    ['<?xml version="1.0"?>', "<!DOCTYPE a [", '<!ENTITY l0 "lol">']
    + [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    + ["]>", "<a>&l9;</a>"]
)
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<a>&x;</a>'


def refused(content: bytes | str, limits: XmlLimits | None = None):
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(InvalidInput) as caught:
        parse_xml(data, "x.bpmn", limits)
    (finding,) = caught.value.findings
    assert finding.file == "x.bpmn"
    return finding


def test_good_xml_gives_its_root_with_lines():
    root = parse_xml("<a>\n<b c='đ'/></a>".encode(), "x.bpmn")
    assert isinstance(root, etree._Element)
    assert (root[0].sourceline, root[0].get("c")) == (2, "đ")


def test_a_byte_order_mark_is_no_fault():
    assert parse_xml(b"\xef\xbb\xbf<a/>", "x.bpmn").tag == "a"


@pytest.mark.parametrize(
    "doctype",
    [
        LAUGHS,
        XXE,
        "<!DOCTYPE a>\n<a/>",
        "<!-- c --> <?p?>\n<!DOCTYPE a SYSTEM 'http://x.example/y.dtd'><a/>",
        "\ufeff<!DOCTYPE a><a/>",
    ],
)
def test_any_doctype_is_refused(doctype):
    assert refused(doctype).code == "xml.doctype"


def test_a_doctype_finding_names_its_line():
    assert refused("<?xml version='1.0'?>\n\n<!DOCTYPE a>\n<a/>").line == 3


def test_a_comment_may_speak_of_doctypes():
    assert parse_xml(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>", "x.bpmn").text == "<!DOCTYPE a>"


def test_an_entity_without_doctype_is_refused():
    finding = refused("<a>\n&lol;</a>")
    assert (finding.code, finding.line) == ("xml.malformed", 2)
    assert "entity" in finding.en


@pytest.mark.parametrize(
    "content",
    [
        "<a/>".encode("utf-16"),
        "<a/>".encode("utf-16-le"),
        "<a/>".encode("utf-32"),
        b'<?xml version="1.0" encoding="UTF-7"?><a>+ADw-b/+AD4-</a>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>',
        b"<?xml version='1.0' encoding='windows-1258'?><a/>",
        b'<?xml version="1.0" encoding="ebcdic-cp-us"?><a/>',
        b"<a>\xff</a>",
        b"<a>\xc0\xbc</a>",
        b"<a>\x00</a>",
    ],
)
def test_anything_but_utf_8_is_refused(content):
    assert refused(content).code == "xml.encoding"


def test_a_bad_byte_is_found_on_its_line():
    assert refused(b"<a>\n\n\xff</a>").line == 3


MALFORMED = {
    '<a b="1" b="2"/>': "twice",
    '<x:a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>': "twice",
    "<a><b></a>": "closing tag",
    "<a>": "ends before",
    "<a/><c/>": "follows the root",
    "": "empty",
    "   ": "empty",
    "<x:a/>": "prefix",
    "<a b=1/>": "quotes",
    '<a b="<"/>': "&lt;",
    "<a>\x01</a>": "control character",
}


@pytest.mark.parametrize("content", MALFORMED)
def test_malformed_xml_is_refused_with_its_reason(content):
    finding = refused(content)
    assert finding.code == "xml.malformed"
    assert MALFORMED[content] in finding.en


def test_deep_nesting_is_refused_at_the_limit():
    assert refused("<a>" * 65 + "</a>" * 65).code == "xml.too_deep"
    assert parse_xml(("<a>" * 64 + "</a>" * 64).encode(), "x.bpmn").tag == "a"


def test_very_deep_nesting_is_refused_by_the_reader():
    assert refused("<a>" * 100_000).code in {"xml.too_deep", "xml.malformed"}


def test_a_megabyte_attribute_is_refused():
    finding = refused('<a>\n<b c="' + "x" * 1_000_000 + '"/></a>')
    assert (finding.code, finding.line) == ("xml.too_long", 2)


def test_a_megabyte_of_text_is_refused():
    assert refused("<a>" + "x" * 1_000_000 + "</a>").code == "xml.too_long"


def test_a_long_name_is_refused():
    assert refused("<" + "a" * 300 + "/>").code == "xml.too_long"


def test_a_hundred_attributes_are_refused():
    assert refused("<a " + " ".join(f'b{n}="1"' for n in range(100)) + "/>").code == "xml.too_long"


def test_a_hundred_thousand_elements_are_refused():
    assert refused("<a>" + "<b/>" * 100_000 + "</a>").code == "xml.too_many_elements"


def test_six_megabytes_are_refused_before_parsing():
    assert refused(b"<a>" + b" " * 6_000_000 + b"</a>").code == "xml.too_large"


def test_a_processing_instruction_is_refused():
    finding = refused('<a>\n<?xml-stylesheet href="http://x.example/"?></a>')
    assert (finding.code, finding.line) == ("xml.processing_instruction", 2)
    assert refused("<?php x?><a/>").code == "xml.processing_instruction"


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200f"])
def test_hidden_text_direction_is_refused(character):
    finding = refused(f'<a>\n<b c="{character}"/></a>')
    assert (finding.code, finding.line) == ("xml.hidden_direction", 2)


def test_hidden_text_direction_by_reference_is_refused():
    finding = refused('<a>\n<b c="&#x202e;"/></a>')
    assert (finding.code, finding.line) == ("xml.hidden_direction", 2)
    assert refused("<a>&#8238;</a>").code == "xml.hidden_direction"


def test_no_finding_repeats_the_parsers_own_words():
    for content in MALFORMED:
        assert "line 1, column" not in refused(content).en


def test_hostile_files_cost_little():
    started = time.process_time()
    tracemalloc.start()
    refused(LAUGHS)
    refused("<a>" + "<b/>" * 1_200_000 + "</a>")
    refused("<a " + " ".join(f'b{n}="1"' for n in range(200_000)) + "/>")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000
    assert time.process_time() - started < 15


@pytest.mark.parametrize(
    "content", ["<a>&lol;<b/></a>", '<a b="&lol;"/>', "<a>" + " " * 70_000 + "&lol;</a>", "<a/>&lol;"]
)
def test_an_undeclared_entity_is_refused_wherever_it_stands(content):
    assert refused(content).code == "xml.malformed"

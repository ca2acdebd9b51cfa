"""What is written is edXML to the letter, and what is read may be less than that."""

from __future__ import annotations

import base64
import io
import string
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from handlers.exchange.edxml_reader import read_message
from handlers.exchange.package_intake import opened_package
from service.domain.edxml import NAMESPACE, Business, Letter, Organ, Replaced, StatusLetter
from service.domain.errors import InvalidInput
from tests.handlers.exchange.letters import LETTER, STATUS, file_content, package, status_package
from tests.pdf_files import plain_pdf


def read(content: bytes) -> Letter | StatusLetter:
    with opened_package(io.BytesIO(content)) as opened:
        return read_message(opened.root).message


def names_of(content: bytes) -> list[str]:
    return [etree.QName(one).localname for one in etree.fromstring(content).iter(etree.Element)]


@pytest.mark.clause("S3-18.1a", "S3-12.4")
def test_a_letter_comes_back_as_it_was_written():
    file = file_content()
    written = replace(LETTER, attachments=(file.note,))
    assert read(package([file])) == written


@pytest.mark.clause("S3-18.1a")
def test_the_names_are_those_of_the_regulation_with_its_spellings():
    content = package(business=Business(3, reason="Sai số", replaced=(Replaced("X", ("A01.01.00",)),)))
    names = names_of(content)
    assert names[:4] == ["edXML", "edXMLEnvelope", "edXMLHeader", "MessageHeader"]
    for name in ("Bussiness", "BussinessDocType", "BussinessDocReason", "TyperNotation", "ReplacementInfo"):
        assert name in names
    assert "Business" not in names
    root = etree.fromstring(content)
    assert etree.QName(root).namespace == NAMESPACE
    assert [etree.QName(child).localname for child in root] == ["edXMLEnvelope", "AttachmentEncoded"]


@pytest.mark.clause("S3-12.4")
def test_the_fourteen_items_stand_at_their_places():
    root = etree.fromstring(package())

    def at(path: str) -> str:
        steps = "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))
        return str(root.findtext(f".//{steps}"))

    assert at("From/OrganId") == "A01.02.00"
    assert at("Code/CodeNumber") == "05"
    assert at("Code/CodeNotation") == "TB/BTC"
    assert at("PromulgationInfo/PromulgationDate") == "2026/02/27"
    assert at("DocumentType/TypeName") == "Thông báo"
    assert at("Subject").startswith("Thông báo kết luận")
    assert at("edXMLManifest/Reference/AttachmentName") == "van-ban.pdf"
    assert at("SignerInfo/FullName") == "Nguyễn Văn An"
    assert at("SignerInfo/Position") == "Phó Trưởng ban"
    assert at("OtherInfo/Priority") == "1"
    assert at("To/OrganId") == "A01.01.00"
    assert at("TraceHeader/Timestamp") == "2026/03/02 08:00:00"
    assert at("DueDate") == "2026/03/20"
    assert at("TraceHeaderList/TraceHeader/OrganId") == "A01.02.00"


@pytest.mark.parametrize("code", ["01", "02", "03", "04", "05", "06", "13", "15", "16"])
def test_a_status_comes_back_as_it_was_written(code):
    assert read(status_package(code=code)) == replace(STATUS, code=code)


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
def test_every_business_type_comes_back(kind):
    business = Business(kind, "X-1", "Lý do", replaced=(Replaced("X-1", ("A01.01.00",)), Replaced("X-2")))
    assert read(package(business=business)).business == business


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"document_id": ""}, "N.MessageHeader.DocumentId"),
        ({"subject": ""}, "N.MessageHeader.Subject"),
        ({"receivers": ()}, "N.MessageHeader.To"),
        ({"sender": Organ("")}, "N.MessageHeader.From.OrganId"),
        ({"sender": Organ("A01 02")}, "M.MessageHeader.From.OrganId"),
        ({"subject": "x" * 501}, "R.MessageHeader.Subject"),
        ({"code_number": "1" * 12}, "R.MessageHeader.Code.CodeNumber"),
        ({"code_notation": "x" * 31}, "R.MessageHeader.Code.CodeNotation"),
        ({"priority": 5}, "R.MessageHeader.OtherInfo.Priority"),
        ({"to_places": ("x" * 151,)}, "R.MessageHeader.ToPlaces.Place"),
        ({"appendixes": ("x" * 251,)}, "R.MessageHeader.OtherInfo.Appendixes.Appendix"),
        ({"business": Business(4)}, "R.TraceHeaderList.Bussiness.BussinessDocType"),
        ({"business": Business(1)}, "N.TraceHeaderList.Bussiness.BussinessDocReason"),
        ({"business": Business(3)}, "N.TraceHeaderList.Bussiness.ReplacementInfoList"),
    ],
)
def test_what_may_not_be_sent_is_refused_with_the_regulations_code(change, code):
    with pytest.raises(InvalidInput) as refusal:
        package(**change)
    assert code in [finding.code for finding in refusal.value.findings]


def test_a_status_without_its_document_is_not_written():
    with pytest.raises(InvalidInput) as refusal:
        status_package(about=replace(STATUS.about, document_id=""), code="09", at=None)
    assert {finding.code for finding in refusal.value.findings} == {
        "R.MessageHeader.StatusCode",
        "N.MessageHeader.ResponseFor.DocumentId",
        "N.MessageHeader.Timestamp",
    }


FLAT = """<edXMLEnvelope><MessageHeader>
  <From><OrganId>H01</OrganId></From><DocumentId>D-1</DocumentId>
  <PromulgationInfo><PromulgationDate>27-02-2026</PromulgationDate></PromulgationInfo>
  </MessageHeader><Business><BusinessDocType>1</BusinessDocType><BusinessDocReason>Sai</BusinessDocReason></Business>
</edXMLEnvelope>"""
VARIANTS = {
    "flat, without namespace": FLAT,
    "upper case root": FLAT.replace("edXMLEnvelope", "EdXMLEnvelope"),
    "under another root": f"<EdXML>{FLAT}</EdXML>",
    "another namespace": FLAT.replace("<edXMLEnvelope>", '<edXMLEnvelope xmlns="urn:other">'),
    "with comments": FLAT.replace("<From>", "<!-- sender --><From>"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_of_the_form_are_read(name):
    letter = read(VARIANTS[name].encode())
    assert (letter.sender.organ_id, letter.document_id) == ("H01", "D-1")
    assert letter.promulgated_on == date(2026, 2, 27)
    assert (letter.business.kind, letter.business.reason) == (1, "Sai")


def test_a_part_that_cannot_be_understood_is_told_and_the_rest_is_read():
    content = FLAT.replace("27-02-2026", "hôm qua").replace(
        "</MessageHeader>", "<OtherInfo><Priority>x</Priority></OtherInfo></MessageHeader>"
    )
    with opened_package(io.BytesIO(content.encode())) as opened:
        reading = read_message(opened.root)
    assert reading.message.document_id == "D-1"
    assert [finding.code for finding in reading.findings] == [
        "M.MessageHeader.PromulgationInfo.PromulgationDate",
        "M.MessageHeader.OtherInfo.Priority",
    ]


@pytest.mark.parametrize(
    ("gone", "code"),
    [
        ("<DocumentId>D-1</DocumentId>", "N.MessageHeader.DocumentId"),
        ("<OrganId>H01</OrganId>", "N.MessageHeader.From.OrganId"),
    ],
)
def test_without_sender_or_identifier_nothing_is_read(gone, code):
    with pytest.raises(InvalidInput) as refusal:
        read(FLAT.replace(gone, "").encode())
    assert code in [finding.code for finding in refusal.value.findings]


def test_another_kind_of_xml_is_no_package():
    with pytest.raises(InvalidInput) as refusal:
        read(b"<html><body/></html>")
    assert refusal.value.code == "edxml.wrong_root"


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Mn", "Mc", "Me")),
    max_size=40,
).map(lambda text: __import__("unicodedata").normalize("NFC", text).strip())
ORGANS = st.builds(
    Organ, organ_id=st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=12), name=TEXT
)


@settings(max_examples=60, deadline=None)
@given(
    sender=ORGANS,
    receivers=st.lists(ORGANS, min_size=1, max_size=4),
    subject=TEXT.filter(bool),
    places=st.lists(TEXT.filter(bool), max_size=4),
    kind=st.integers(0, 3),
    priority=st.integers(0, 4),
    day=st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    content=st.binary(max_size=300),
)
def test_whatever_is_written_comes_back(  # noqa: PLR0917 - one argument for each thing that varies
    sender, receivers, subject, places, kind, priority, day, content
):
    changes = {
        "sender": sender,
        "receivers": tuple(receivers),
        "subject": subject,
        "to_places": tuple(places),
        "priority": priority,
        "promulgated_on": day,
        "business": Business(kind, "X", "vì", replaced=(Replaced("X"),)),
    }
    file = file_content("tệp.txt", content)
    with opened_package(io.BytesIO(package([file], **changes))) as opened:
        assert read_message(opened.root).message == replace(LETTER, **changes, attachments=(file.note,))
        (packed,) = opened.files
        assert packed.sha256 == file.note.sha256
        if not content.startswith(b"PK"):
            (part,) = packed.parts
            assert part.path.read_bytes() == content


def test_a_large_file_goes_through_in_pieces():
    content = plain_pdf() + bytes(range(256)) * 40_000
    with opened_package(io.BytesIO(package([file_content(content=content)]))) as opened:
        (packed,) = opened.files
        assert packed.parts[0].path.read_bytes() == content


def test_a_line_break_in_base64_is_no_harm():
    wrapped = base64.encodebytes(plain_pdf()).decode()
    content = (
        FLAT.replace("edXMLEnvelope>", "edXML>", 1).replace("</edXMLEnvelope>", "")
        + f"<AttachmentEncoded><Attachment><ContentTransferEncoded>{wrapped}</ContentTransferEncoded>"
        "</Attachment></AttachmentEncoded></edXML>"
    )
    with opened_package(io.BytesIO(content.encode())) as opened:
        assert opened.files[0].parts[0].path.read_bytes() == plain_pdf()
        assert opened.files[0].content_id == "file-1"

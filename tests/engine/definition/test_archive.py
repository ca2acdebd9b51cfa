"""A ZIP is believed in nothing: names, kinds, sizes, counts and ratios are all checked on what comes out."""

import io
import zipfile

import pytest

from service.domain.errors import InvalidInput
from service.engine.definition.archive import ArchiveLimits, read_zip

SMALL = ArchiveLimits(
    archive_bytes=100_000, files=5, file_bytes=1000, total_bytes=2000, ratio=10, ratio_from_bytes=100
)


def packed(*entries, method=zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return target.getvalue()


def refused(data: bytes, limits: ArchiveLimits | None = None):
    with pytest.raises(InvalidInput) as caught:
        read_zip(data, "p", limits)
    (finding,) = caught.value.findings
    return finding


def test_a_good_archive_gives_its_bundle():
    data = packed(("forms/p/do_it.form.json", "{}"), ("p.bpmn", "<a/>"), ("forms/", ""))
    bundle = read_zip(data)
    assert bundle.key == "p"
    assert [file.path for file in bundle.files] == ["forms/p/do_it.form.json", "p.bpmn"]
    assert bundle.forms()["p/do_it"].content == b"{}"


def test_the_key_must_be_clear():
    data = packed(("a.bpmn", "<a/>"), ("b.bpmn", "<a/>"))
    with pytest.raises(InvalidInput) as caught:
        read_zip(data)
    assert caught.value.code == "archive.no_key"
    assert read_zip(data, "a").key == "a"


@pytest.mark.parametrize(
    "path",
    [
        "../p.bpmn",
        "a/../../p.bpmn",
        "/etc/p.bpmn",
        "C:/p.bpmn",
        "~/p.bpmn",
        "a//p.bpmn",
        ".hidden/p.bpmn",
        "a/b/c/d/e/p.bpmn",
        "x" * 201 + ".bpmn",
        "duye\u0323\u0302t.bpmn",
        "a\u202ep.bpmn",
        "a\np.bpmn",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path):
    assert refused(packed((path, "<a/>"))).code == "archive.bad_path"


def test_a_backslash_is_refused():
    data = packed(("a_p.bpmn", "<a/>")).replace(b"a_p.bpmn", b"a\\p.bpmn")
    assert refused(data).code == "archive.bad_path"


def test_other_kinds_of_files_are_refused():
    assert refused(packed(("p.py", "print()"))).code == "archive.bad_entry"
    assert refused(packed(("p.zip", packed(("q.bpmn", "<a/>"))))).code == "archive.bad_entry"


def test_a_link_is_refused():
    link = zipfile.ZipInfo("p.bpmn")
    link.external_attr = 0o120777 << 16
    assert refused(packed((link, "/etc/passwd"))).code == "archive.bad_entry"


def test_names_that_differ_only_in_case_are_refused():
    assert refused(packed(("p.bpmn", "<a/>"), ("P.bpmn", "<b/>"))).code == "archive.bad_entry"


def test_encryption_and_rare_compression_are_refused():
    encrypted = bytearray(packed(("p.bpmn", "<a/>")))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(encrypted)).code == "archive.bad_entry"
    assert refused(packed(("p.bpmn", "<a/>"), method=zipfile.ZIP_LZMA)).code == "archive.bad_entry"


def test_too_many_files_are_refused():
    assert refused(packed(*((f"{n}.bpmn", "") for n in range(6))), SMALL).code == "archive.too_large"


def test_a_large_archive_is_refused_unread():
    assert refused(b"x" * 100_001, SMALL).code == "archive.too_large"


def test_a_large_file_is_refused():
    content = bytes(range(256)) * 4
    assert "one file" in refused(packed(("p.bpmn", content), method=zipfile.ZIP_STORED), SMALL).en


def test_files_too_large_together_are_refused():
    content = bytes(range(250)) * 3
    entries = [(f"{n}.bpmn", content) for n in range(3)]
    assert "in all" in refused(packed(*entries, method=zipfile.ZIP_STORED), SMALL).en


def test_a_bomb_is_refused():
    assert refused(packed(("p.bpmn", b"\0" * 300_000_000))).code == "archive.too_large"
    assert "ratio" in refused(packed(("p.bpmn", b"\0" * 4_000_000))).en


def test_a_lying_size_is_not_believed():
    data = bytearray(packed(("p.bpmn", b"\0" * 50_000)))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(mark) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    assert refused(bytes(data)).code in {"archive.not_a_zip", "archive.too_large"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        b"PK\x05\x06" + b"\0" * 18 + b"junk",
        packed(("p.bpmn", "<a/>"))[:-30],
        packed(("p.bpmn", "<a/>" * 50)).replace(b"PK\x03\x04", b"PK\x03\x05"),
    ],
    ids=["empty", "no archive", "junk at the end", "cut short", "no signature"],  # an archive holds its time
)
def test_a_damaged_archive_is_refused(data):
    with pytest.raises(InvalidInput) as caught:
        read_zip(data)
    assert caught.value.code in {"archive.not_a_zip", "archive.no_key"}


def test_a_damaged_content_is_refused():
    data = bytearray(packed(("p.bpmn", "<a/>" * 50), method=zipfile.ZIP_STORED))
    data[data.index(b"<a/>")] ^= 1
    assert refused(bytes(data)).code == "archive.not_a_zip"

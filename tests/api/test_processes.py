"""Deploying over the API: a bundle is checked whole, becomes an immutable version, and can be rolled back."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest

from tests.api.callers import assert_problem
from tests.api.processes import MODELS, bundle_parts, deploy, start

PATH = "/api/v1/process-definitions"
DIAGRAM = (MODELS / "short_note.bpmn").read_bytes()
PYTHON_SCRIPT = DIAGRAM.replace(
    b'<bpmn:userTask id="approve_note" name="Duy\xe1\xbb\x87t phi\xe1\xba\xbfu">',
    b'<bpmn:scriptTask id="approve_note" scriptFormat="python"><bpmn:script>import os</bpmn:script>',
).replace(
    b'</bpmn:userTask>\n    <bpmn:sequenceFlow id="to_end"',
    b'</bpmn:scriptTask>\n    <bpmn:sequenceFlow id="to_end"',
)


@pytest.fixture
def analyst(sign_in):
    """The process analyst."""
    return sign_in("phantich")


def send(caller, parts, path=PATH):
    return caller.ask("POST", path, data=parts, content_type="multipart/form-data")


def test_the_same_content_again_is_the_same_version(analyst):
    first = deploy(analyst)
    assert (first["key"], first["version"], first["active"]) == ("short_note", 1, True)
    assert deploy(analyst)["id"] == first["id"]


def test_a_changed_bundle_is_the_next_version_and_running_instances_keep_theirs(analyst, sign_in):
    deploy(analyst)
    instance_id = start(sign_in("vanthu"), {"topic": "x"})
    second = deploy(analyst, short_note=DIAGRAM.replace("Duyệt phiếu".encode(), "Phê duyệt phiếu".encode()))
    assert second["version"] == 2
    listed = analyst.get(f"{PATH}?key=short_note").json["items"]
    assert [(item["version"], item["active"]) for item in listed] == [(2, True), (1, False)]
    assert sign_in("giamsat").get(f"/api/v1/instances/{instance_id}").json["view"]["version"] == 1


def test_rolling_back_activates_the_version_before(analyst):
    deploy(analyst)
    assert_problem(analyst.post(f"{PATH}/by-key/short_note/roll-back"), 409)
    deploy(analyst, short_note=DIAGRAM.replace("Duyệt phiếu".encode(), "Phê duyệt phiếu".encode()))
    assert analyst.post(f"{PATH}/by-key/short_note/roll-back").json["version"] == 1
    assert_problem(analyst.post(f"{PATH}/by-key/nothing/roll-back"), 404)


def test_a_deactivated_process_starts_no_more(analyst, sign_in):
    version = deploy(analyst)
    assert analyst.post(f"{PATH}/{version['id']}/deactivate").json["active"] is False
    assert_problem(sign_in("vanthu").post("/api/v1/instances", {"process": "short_note"}), 404)
    assert_problem(analyst.post(f"{PATH}/{version['id']}/deactivate"), 409)
    assert analyst.post(f"{PATH}/{version['id']}/activate").json["active"] is True


def test_the_files_come_back_as_they_were_deployed(analyst):
    version = deploy(analyst)
    files = analyst.get(f"{PATH}/{version['id']}/files").json["items"]
    assert "short_note.bpmn" in {file["path"] for file in files}
    read = analyst.get(f"{PATH}/{version['id']}/files/short_note.bpmn")
    assert read.data == DIAGRAM
    assert read.headers["Content-Disposition"].startswith("attachment")
    assert_problem(analyst.get(f"{PATH}/{version['id']}/files/../secret"), 404)


def test_a_form_that_is_missing_is_found_with_its_element(analyst):
    parts = bundle_parts()
    parts["file"] = [file for file in parts["file"] if "approve_note" not in file[1]]
    document = assert_problem(send(analyst, parts), 422, "bundle.refused")
    assert any(error.get("element") == "approve_note" for error in document["errors"])
    assert analyst.get(PATH).json["items"] == []


HOSTILE = {
    "python": PYTHON_SCRIPT,
    "no_xml": b"nothing",
    "empty": b"",
    "cut_off": DIAGRAM[:500],
    "doctype": DIAGRAM.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1),
    "bomb": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>',
    "deep": b"<a>" * 5000 + b"</a>" * 5000,
    "dangling_flow": DIAGRAM.replace(b'targetRef="note_approved"', b'targetRef="nowhere"'),
    "python_condition": DIAGRAM.replace(b"&quot;user:chanhvp&quot;", b"__import__('os').system('id')"),
    "utf16": DIAGRAM.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_diagram_is_refused_with_findings_and_nothing_is_stored(analyst, name):
    document = assert_problem(send(analyst, bundle_parts(short_note=HOSTILE[name])), 422)
    assert document["errors"]
    assert "Traceback" not in str(document)
    assert analyst.get(PATH).json["items"] == []


def test_checking_stores_nothing(analyst):
    assert send(analyst, bundle_parts(), f"{PATH}/check").status_code == 200
    findings = send(analyst, bundle_parts(short_note=b"nothing"), f"{PATH}/check").json["items"]
    assert findings
    assert analyst.get(PATH).json["items"] == []


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.bpmn", "a/../../x.bpmn"])
def test_a_file_name_that_leaves_the_bundle_is_refused(analyst, path):
    parts = {"key": "short_note", "file": [(io.BytesIO(DIAGRAM), path)]}
    assert_problem(send(analyst, parts), 422, "bundle.malformed")


@pytest.mark.parametrize("parts", [{}, {"key": "short_note"}, {"file": [(io.BytesIO(b"a"), "a.bpmn")]}])
def test_a_bundle_needs_a_key_and_a_file(analyst, parts):
    assert_problem(send(analyst, parts), 422, "bundle.malformed")


@pytest.mark.parametrize("step", ["", "/files", "/files/short_note.bpmn"])
def test_another_agency_s_version_answers_exactly_as_one_that_does_not_exist(
    analyst, sign_in_elsewhere, step
):
    version = deploy(analyst)
    stranger = sign_in_elsewhere("dongson.quantri")
    documents = []
    for definition_id in (version["id"], uuid4()):
        document = assert_problem(stranger.get(f"{PATH}/{definition_id}{step}"), 404)
        documents.append({name: value for name, value in document.items() if name != "request_id"})
    assert documents[0] == documents[1]
    assert stranger.get(PATH).json["items"] == []

"""A bundle is named by its content and finds its files by kind."""

from service.engine.definition.bundle import Bundle, BundleFile


def test_the_hash_is_of_content_not_of_order():
    one, two = BundleFile("a.bpmn", b"1"), BundleFile("b.dmn", b"2")
    assert Bundle("p", (one, two)).content_hash == Bundle("p", (two, one)).content_hash
    assert len(Bundle("p", (one,)).content_hash) == 64


def test_the_hash_changes_with_path_content_and_border():
    hashes = {
        Bundle("p", files).content_hash
        for files in (
            (),
            (BundleFile("a.bpmn", b"1"),),
            (BundleFile("a.bpmn", b"2"),),
            (BundleFile("b.bpmn", b"1"),),
            (BundleFile("a.bpm", b"n1"),),
            (BundleFile("a.bpmn", b""), BundleFile("1", b"")),
        )
    }
    assert len(hashes) == 6


def test_a_folder_gives_diagrams_decisions_and_forms(tmp_path):
    process, forms = tmp_path / "processes" / "incoming", tmp_path / "forms"
    for path in (process / "incoming.bpmn", process / "deadline.dmn", process / "notes.md"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name, encoding="utf-8")
    for path in (forms / "incoming" / "register.form.json", forms / "other" / "x.form.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    bundle = Bundle.from_directory(process, forms)
    assert bundle.key == "incoming"
    assert [file.path for file in bundle.files] == [
        "deadline.dmn",
        "forms/incoming/register.form.json",
        "incoming.bpmn",
    ]
    assert [file.path for file in bundle.bpmn()] == ["incoming.bpmn"]
    assert [file.path for file in bundle.dmn()] == ["deadline.dmn"]
    assert list(bundle.forms()) == ["incoming/register"]


def test_a_folder_without_forms_gives_none(tmp_path):
    (tmp_path / "p.bpmn").write_text("<a/>", encoding="utf-8")
    assert Bundle.from_directory(tmp_path).forms() == {}


def test_a_bundle_takes_the_shared_processes_and_decisions_that_it_names(tmp_path) -> None:
    for name, text in {
        "processes/main/main.bpmn": '<process id="main"><callActivity calledElement="collect"/></process>',
        "processes/shared/collect.bpmn": '<bpmn:process isExecutable="true" id="collect"> >late< </bpmn:process>',
        "processes/shared/rules.dmn": '<definitions><decision name="x" id="late"/></definitions>',
        "processes/shared/other.bpmn": '<process id="other"/>',
        "forms/main/ask.form.json": "{}",
        "forms/collect/give.form.json": "{}",
        "forms/other/no.form.json": "{}",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    processes = tmp_path / "processes"

    bundle = Bundle.from_directory(processes / "main", tmp_path / "forms", processes / "shared")

    assert [file.path for file in bundle.files] == [
        "forms/collect/give.form.json",
        "forms/main/ask.form.json",
        "main.bpmn",
        "shared/collect.bpmn",
        "shared/rules.dmn",
    ]


def test_a_bundle_takes_the_process_of_another_folder_that_a_call_activity_names(tmp_path) -> None:
    for name, text in {
        "processes/main/main.bpmn": '<process id="main"><callActivity calledElement="ask"/></process>',
        "processes/ask/ask.bpmn": '<process id="ask"><callActivity calledElement="main"/> >late< </process>',
        "processes/ask/ask.dmn": '<definitions><decision id="limit"/></definitions>',
        "processes/other/other.bpmn": '<process id="other"/>',
        "processes/shared/rules.dmn": '<definitions><decision name="x" id="late"/></definitions>',
        "forms/main/begin.form.json": "{}",
        "forms/ask/give.form.json": "{}",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    processes = tmp_path / "processes"

    bundle = Bundle.from_directory(processes / "main", tmp_path / "forms", processes / "shared")

    assert [file.path for file in bundle.files] == [
        "forms/ask/give.form.json",
        "forms/main/begin.form.json",
        "main.bpmn",
        "shared/ask.bpmn",
        "shared/ask.dmn",
        "shared/rules.dmn",
    ]

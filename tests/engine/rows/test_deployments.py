"""Versions of a process: immutable, one active, the running instances keep theirs."""

from __future__ import annotations

from uuid import uuid4

import pytest

from service.actions import deployments
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from service.engine.definition.bundle import Bundle, BundleFile
from service.queries.definitions import DefinitionView, list_definitions, read_definition, read_files
from tests.engine.rows.house import ANALYST, NOTE_FORM, SPECIALIST, House, process, task
from tests.engine.rows.parallel import at_once, errors
from tests.engine.spiff.bpmn import definitions, end, path, start

NOTE = {"form": "shared/note"}


def version(house: House, *names: str, **properties: str) -> DefinitionView:
    """Deploy the process with these tasks in a row."""
    tasks = [task(name, **NOTE) for name in names]
    return house.deploy(process("note", start(), *tasks, end(), path(f"s {' '.join(names)} e"), **properties))


def act(house: House, verb, *arguments, login: str = ANALYST):
    return house.do(login, lambda unit: verb(unit, *arguments))


def bundle(name: str) -> Bundle:
    content = definitions(process("note", start(), task(name, **NOTE), end(), path(f"s {name} e")))
    files = (BundleFile("note.bpmn", content), BundleFile("forms/shared/note.form.json", NOTE_FORM))
    return Bundle("note", files)


def test_the_same_content_is_the_same_version(house: House) -> None:
    first = version(house, "write")
    second = version(house, "write", "check_it")
    again = version(house, "write")
    assert (first.version, second.version, again.version) == (1, 2, 1)
    assert again.id == first.id
    assert again.active
    assert not act(house, read_definition, second.id).active
    assert len(house.audit("process_definition.deploy")) == 2


def test_running_instances_keep_their_version(house: House) -> None:
    version(house, "write")
    old = house.start("note")
    version(house, "write", "check_it")
    new = house.start("note")
    for instance in (old, new):
        house.complete("write", instance=instance)
    assert (house.state(old), house.waits_at(new)) == ("completed", ["check_it"])
    assert (house.detail(old).view.version, house.detail(new).view.version) == (1, 2)


def test_an_old_version_still_runs_in_a_process_that_never_knew_it(house: House) -> None:
    version(house, "write")
    old = house.start("note")
    for count in range(2, 5):
        version(house, *[f"step_{number}" for number in range(count)])
    house.forget_definitions()
    house.complete("write", instance=old)
    assert house.state(old) == "completed"


def test_rolling_back_activates_the_version_before(house: House) -> None:
    first, second = version(house, "write"), version(house, "check_it")
    back = act(house, deployments.roll_back, "note")
    assert (back.id, back.active) == (first.id, True)
    assert house.waits_at(house.start("note")) == ["write"]
    with pytest.raises(Conflict, match="no_earlier_version"):
        act(house, deployments.roll_back, "note")
    act(house, deployments.activate, second.id)
    assert house.waits_at(house.start("note")) == ["check_it"]
    with pytest.raises(NotFound):
        act(house, deployments.roll_back, "unknown")


def test_a_deactivated_process_starts_nothing_and_ends_what_runs(house: House) -> None:
    view = version(house, "write")
    running = house.start("note")
    act(house, deployments.deactivate, view.id)
    with pytest.raises(NotFound):
        house.start("note")
    with pytest.raises(Conflict, match="not_active"):
        act(house, deployments.deactivate, view.id)
    house.complete("write", instance=running)
    assert house.state(running) == "completed"
    assert act(house, deployments.roll_back, "note").id == view.id


def test_what_a_version_says_of_itself_is_shown(house: House) -> None:
    view = version(house, "write", owner="van_thu", clauses="S0-6.4")
    info = view.info
    assert (info["title_vi"], info["title_en"], info["owner"]) == ("Quy trình thử", "Trial", "van_thu")
    assert info["may_start"] == '["role:specialist"]'
    assert info["clauses"]["note"] == ["S0-6.4"]
    assert [one["kind"] for one in info["starts"]] == ["none"]
    assert view.deployed_by == ANALYST
    assert [one.id for one in act(house, list_definitions)] == [view.id]
    files = act(house, read_files, view.id)
    assert sorted(files) == ["forms/shared/note.form.json", "note.bpmn"]
    assert files["forms/shared/note.form.json"] == NOTE_FORM


def test_a_faulty_bundle_is_refused_with_its_findings_and_leaves_nothing(house: House) -> None:
    faulty = process("note", start(), task("write", **NOTE), path("s write"))
    content = BundleFile("note.bpmn", definitions(faulty.replace("isExecutable", "executable")))
    with pytest.raises(InvalidInput, match=r"bundle\.refused") as refused:
        act(house, lambda unit: deployments.deploy(house.runtime.checker, unit, Bundle("note", (content,))))
    assert all(one.file and one.vi and one.en for one in refused.value.findings)
    assert act(house, list_definitions) == []


def test_only_analysts_and_administrators_deploy(house: House) -> None:
    for verb in (
        lambda unit: deployments.deploy(house.runtime.checker, unit, bundle("write")),
        lambda unit: deployments.check(house.runtime.checker, unit, bundle("write")),
        lambda unit: deployments.activate(unit, uuid4()),
        lambda unit: deployments.roll_back(unit, "note"),
    ):
        with pytest.raises(Forbidden):
            house.do(SPECIALIST, verb)


def test_an_unknown_version_is_not_found(house: House) -> None:
    for verb in (deployments.activate, deployments.deactivate, read_definition, read_files):
        with pytest.raises(NotFound):
            act(house, verb, uuid4())


def test_deployments_at_the_same_moment_follow_each_other(house: House) -> None:
    def deploying(name: str):
        return lambda: act(house, lambda unit: deployments.deploy(house.runtime.checker, unit, bundle(name)))

    names = ["write", "check_it", "write", "check_it", "read_it", "write"]
    assert errors(at_once(deploying(name) for name in names)) == []
    views = act(house, list_definitions)
    assert sorted(one.version for one in views) == [1, 2, 3]
    assert sum(one.active for one in views) == 1

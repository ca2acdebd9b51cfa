"""What scripts/new_process writes passes every check as it is."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from service.actions import deployments
from service.engine.definition.bundle import Bundle, BundleFile

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def generator():
    """The script as a module."""
    loader = SourceFileLoader("new_process", str(ROOT / "scripts" / "new_process"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def test_the_new_process_can_be_deployed(generator, runtime, office):
    files = generator.files_of("leave_request", "Đơn nghỉ phép <&>")
    parts = []
    for path, content in files.items():
        place = path.relative_to(ROOT)
        if place.parts[0] == "processes":
            parts.append(BundleFile(path.name, content.encode()))
        elif place.parts[0] == "forms":
            parts.append(BundleFile(place.as_posix(), content.encode()))
    bundle = Bundle("leave_request", tuple(parts))
    with runtime.database.unit_of_work(office.system) as unit:
        assert list(deployments.check(runtime.checker, unit, bundle)) == []
        assert deployments.deploy(runtime.checker, unit, bundle).version == 1
    tests = files[ROOT / "tests" / "processes" / "test_leave_request.py"]
    compile(tests, "test_leave_request.py", "exec")


@pytest.mark.parametrize("arguments", [[], ["Có Dấu"], ["a"], ["UPPER"], ["a-b-c"], ["abc", "b", "c"]])
def test_a_wrong_call_says_how_to_call_it(generator, capsys, arguments):
    assert generator.main(arguments) == 2
    assert "usage" in capsys.readouterr().err

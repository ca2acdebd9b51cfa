"""Every form of the repository: well formed, and right about the samples beside it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from service.domain.errors import InvalidInput
from service.forms import check_form, load_form

FORMS = Path(__file__).parents[3] / "forms"
PATHS = sorted(FORMS.rglob("*.form.json"))


def _samples(path: Path) -> dict[str, list]:
    return orjson.loads(path.with_name(path.name.replace(".form.json", ".samples.json")).read_bytes())


def _form(path: Path):
    return load_form(path.relative_to(FORMS).as_posix(), path.read_bytes())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_form_is_in_the_form_of_our_forms(path: Path) -> None:
    assert check_form(path.relative_to(FORMS).as_posix(), path.read_bytes()) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_accepted_samples_are_accepted(path: Path) -> None:
    samples = _samples(path)["accepted"]
    assert samples
    for sample in samples:
        values = _form(path).validate(sample)
        assert sample.items() <= values.items()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_refused_samples_are_refused_at_the_right_place(path: Path) -> None:
    samples = _samples(path)["refused"]
    assert samples
    for sample in samples:
        with pytest.raises(InvalidInput) as caught:
            _form(path).validate(sample["data"])
        found = {(finding.pointer, finding.code) for finding in caught.value.findings}
        assert {(one["pointer"], one["code"]) for one in sample["findings"]} <= found
        assert all(finding.vi and finding.en for finding in caught.value.findings)

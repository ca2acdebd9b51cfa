"""Inspectors are kept: one looks into many files, survives bad ones, and is replaced when it is gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.resources import InspectionLimits
from handlers.signing import inspection
from handlers.signing.inspection import Inspector, find_active_content, inspect_pdf
from tests.handlers.signing.desk import AT, Desk
from tests.pdf_files import plain_pdf

ACTIVE = {
    "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>": ["automatic_action", "script"],
    "/OpenAction 6 0 R": ["automatic_action", "outside_action"],
    "/OpenAction << /S /URI /URI (http://a) >>": ["automatic_action"],
    "/OpenAction [3 0 R /Fit]": [],
    "/OpenAction << /S /GoTo /D [3 0 R /Fit] >>": [],
    "/AA << /WC << /S /URI /URI (http://a) >> >>": ["automatic_action"],
    "/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec >>] >> >>": ["attachment"],
    "/Names << /JavaScript << /Names [] >> >>": ["script"],
    "/AcroForm << /Fields [] /XFA [(a) 4 0 R] >>": ["form_program"],
    "/Extra [[<< /Subtype /RichMedia >>]]": ["media"],
    "/Extra [<< /#53 /#4caunch >>]": ["outside_action"],
    "/Lang (vi)": [],
}
LAUNCH = "<< /S /Launch /F (a.exe) >>"


def request(path: Path, trust: Path, **changes: Any) -> dict[str, Any]:
    options = {"path": str(path), "trust_dir": str(trust), "moment": AT.isoformat(), "is_strict": True}
    return options | {"seconds": 20, "memory_bytes": 2 * 1024**3} | changes


@pytest.fixture
def sealed(desk: Desk, tmp_path: Path) -> Path:
    """A document that is signed and sealed."""
    path = tmp_path / "sealed.pdf"
    path.write_bytes(desk.sealed().getvalue())
    return path


def test_one_inspector_looks_into_file_after_file_and_outlives_the_bad_ones(
    desk: Desk, sealed: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    inspector = Inspector()
    try:
        verdicts = []
        for path, more in ((sealed, {}), (broken, {}), (sealed, {"memory_bytes": 1024**2}), (sealed, {})):
            answer = inspector.ask(request(path, desk.trust, **more))
            assert answer is not None
            verdicts.append(answer.get("stopped") or answer["report"]["verdict"])
    finally:
        inspector.close()
    assert verdicts == ["valid", "stopped", "stopped", "valid"]


def test_an_inspector_that_is_gone_is_replaced_and_the_file_is_judged(
    desk: Desk, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Inspector()
    gone._process.kill()
    gone._process.wait()
    monkeypatch.setattr(inspection._POOL, "_idle", [gone])
    limits = InspectionLimits(time=timedelta(seconds=20))
    assert inspect_pdf(sealed, desk.trust, AT, limits)["verdict"] == "valid"
    assert not gone.is_alive
    assert gone not in inspection._POOL._idle


def test_an_inspector_is_kept_for_the_next_file(desk: Desk, sealed: Path) -> None:
    inspect_pdf(sealed, desk.trust, AT, InspectionLimits())
    kept = list(inspection._POOL._idle)
    inspect_pdf(sealed, desk.trust, AT, InspectionLimits())
    assert kept
    assert inspection._POOL._idle == kept


def test_what_does_something_by_itself_is_found_wherever_it_stands(desk: Desk, tmp_path: Path) -> None:
    limits, path = InspectionLimits(time=timedelta(seconds=20)), tmp_path / "a.pdf"
    for entry, kinds in ACTIVE.items():
        path.write_bytes(plain_pdf("", entry, LAUNCH))
        assert find_active_content(path, limits) == kinds, entry
    path.write_bytes(desk.prepared().getvalue())
    assert find_active_content(path, limits) == []
    path.write_bytes(b"%PDF-1.7 and nothing else")
    assert find_active_content(path, limits) is None

"""What a body signs besides its seal: annexes, copies; and one clerk who seals for several bodies."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from handlers.contract import BpmnError, Handler, HandlerContext
from handlers.signing.annex_task import SignAnnex, SignCopy
from handlers.signing.demo_images import draw_seal
from handlers.signing.key_ring import typefaces
from handlers.signing.raise_task import ARCHIVE, RaiseSignature
from service.actions.signing_keys import NewKey
from service.domain.errors import Conflict, Forbidden
from service.queries.signing_keys import KEY as KEYS
from tests.handlers.signing.desk import page_text, pdfsig
from tests.handlers.signing.office import (
    BODY,
    CLERK,
    FILE,
    LEADER,
    PASSPHRASE,
    UNIT_HEAD,
    SigningOffice,
    authority,
    png,
)
from tests.pdf_files import plain_pdf

ANNEX = {"file_sha256": sha256(plain_pdf()).digest()}


def run(house: SigningOffice, handler: Handler, consent_id: Any) -> dict[str, Any]:
    """Run a service task as the process does after a job: as the system."""
    with house.unit() as unit:
        context = HandlerContext(unit, house.instance_id, "step", None, uuid4(), house.resources)
        return handler({"document_id": str(house.document_id), "consent_id": str(consent_id)}, context)


def newest(house: SigningOffice, ordinal: int) -> Any:
    rows = house.rows(FILE, FILE.c.document_id == house.document_id, FILE.c.ordinal == ordinal)
    return max(rows, key=lambda row: row.version)


def annex_content(house: SigningOffice) -> bytes:
    return house.runtime.blobs.path_of(bytes(newest(house, 1).sha256)).read_bytes()


def raise_all(house: SigningOffice) -> dict[str, Any]:
    with house.unit() as unit:
        context = HandlerContext(unit, house.instance_id, "step", None, uuid4(), house.resources)
        return RaiseSignature()({"document_id": str(house.document_id)}, context)


@pytest.mark.clause("S4-5.2c")
def test_an_annex_in_a_file_of_its_own_carries_number_and_time_and_the_bodys_signature(
    signing_office: SigningOffice, tmp_path: Path
) -> None:
    house = signing_office
    house.sealed()
    house.add_file(plain_pdf(), 1, "attachment", "annex")
    done = run(house, SignAnnex(), house.consent(CLERK, "annex", **ANNEX).id)
    assert (done["act"], done["signer_name"], done["version"]) == ("annex", "Tỉnh ủy Sông Hồng", 2)
    text = page_text(annex_content(house), tmp_path)
    assert "01-TB/TU" in text
    assert "02/03/2026 08:00:00 +07:00" in text
    assert pdfsig(annex_content(house), tmp_path) == {"seal": "Signature is Valid. Total document signed"}


def test_signed_annexes_are_raised_with_the_main_file_and_one_that_is_broken_stops_none(
    signing_office: SigningOffice,
) -> None:
    house = signing_office
    house.sealed()
    contents = [plain_pdf(f"Phu luc {number}") for number in (1, 2)]
    for ordinal, content in enumerate(contents, 1):
        house.add_file(content, ordinal, "attachment", "annex")
        run(house, SignAnnex(), house.consent(CLERK, "annex", file_sha256=sha256(content).digest()).id)
    house.runtime.blobs.path_of(bytes(newest(house, 1).sha256)).unlink()
    main = house.main_file().id
    assert raise_all(house) == {"level": "B-LT"}
    assert {row.file_id: (row.level, row.fault) for row in house.rows(ARCHIVE)} == {
        main: ("B-LT", None),
        newest(house, 1).id: ("B-B", "file.not_here"),
        newest(house, 2).id: ("B-LT", None),
    }
    assert [one.level for one in house.signatures() if one.act == "annex"] == ["B-B", "B-LT"]
    versions = len(house.rows(FILE))
    assert raise_all(house) == {"level": "B-LT"}
    assert len(house.rows(FILE)) == versions


def test_an_annex_is_not_signed_before_its_document_has_a_number(signing_office: SigningOffice) -> None:
    house = signing_office
    house.approved()
    house.add_file(plain_pdf(), 1, "attachment", "annex")
    with pytest.raises(Conflict, match=r"annex\.before_number"):
        house.consent(CLERK, "annex", **ANNEX)


def test_a_certified_copy_names_its_form_agency_and_time(
    signing_office: SigningOffice, tmp_path: Path
) -> None:
    house = signing_office
    house.sealed()
    done = run(house, SignCopy(), house.consent(CLERK, "copy", copy_form="SY").id)
    assert done["act"] == "copy"
    text = page_text(house.content(), tmp_path)
    assert "SAO Y" in text
    assert "Văn phòng Tỉnh ủy (mẫu)" in text
    assert len(pdfsig(house.content(), tmp_path)) == 4


def test_the_first_consent_of_two_to_one_field_wins(signing_office: SigningOffice) -> None:
    house = signing_office
    house.sealed()
    first, second = (house.consent(CLERK, "copy", copy_form="SY") for _ in range(2))
    run(house, SignCopy(), first.id)
    with pytest.raises(BpmnError, match="bản mới nhất"):
        run(house, SignCopy(), second.id)


@pytest.mark.clause("S0-9.1g2")
def test_one_clerk_seals_for_several_bodies_each_with_its_seal_and_its_numbers(
    signing_office: SigningOffice,
) -> None:
    house = signing_office
    made, _ = authority()
    places = house.resources.signing
    assert places.key_dir is not None
    packed = made.pack(made.issue_agency("Văn phòng Tỉnh ủy", "A01.01.00"), PASSPHRASE)
    (places.key_dir / "vptu.p12").write_bytes(packed)
    image = png(draw_seal("Văn phòng Tỉnh ủy", typefaces().upright.path))
    house.register(CLERK, NewKey("pkcs12", issuing_body="vptu", reference="vptu", image=image))
    house.sealed()
    first = house.document_id
    house.draft(body="vptu", organ_name="Văn phòng Tỉnh ủy")
    house.sealed()
    codes = {row.document_id: row.columns["code"] for row in house.entries()}
    assert codes == {first: "01-TB/TU", house.document_id: "01-TB/VPTU"}
    assert [one.signer_name for one in house.signatures() if one.act == "seal"] == ["Văn phòng Tỉnh ủy"]
    assert {house.office.bodies[BODY], house.office.bodies["vptu"]} == {
        key.issuing_body_id for key in house.rows(KEYS, KEYS.c.issuing_body_id.is_not(None))
    }


@pytest.mark.parametrize("login", [LEADER, UNIT_HEAD])
def test_nobody_but_a_clerk_signs_for_a_body(signing_office: SigningOffice, login: str) -> None:
    house = signing_office
    house.sealed()
    with pytest.raises(Forbidden, match=r"action\.forbidden"):
        house.consent(login, "copy", copy_form="SY")

"""PDFs that others have signed: signed further where their locks leave room, refused with a way out where not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, SigSeedSubFilter

from handlers.signing.approve import approve
from handlers.signing.composition import SigningOrder, compose
from handlers.signing.fields import prepare
from handlers.signing.revision import form_fields, open_revision, sign
from service.domain.errors import Conflict
from tests.demo_ca import DemoCA, Identity
from tests.handlers.signing.desk import AT, LAYOUT, NUMBERS, Desk, page_text, pdfsig
from tests.pdf_files import plain_pdf


@pytest.fixture(scope="module")
def partner() -> DemoCA:
    """Another authority."""
    return DemoCA(AT)


@pytest.fixture(scope="module")
def signer(partner: DemoCA) -> Identity:
    """Somebody of another office."""
    return partner.issue("Người ký nơi khác")


def signed(partner: DemoCA, signer: Identity, **options: Any) -> bytes:
    spec = options.pop("spec", SigFieldSpec("Partner"))
    metadata = signers.PdfSignatureMetadata(
        field_name=spec.sig_field_name, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256", **options
    )
    maker = signers.PdfSigner(metadata, signer.signer([partner.root.certificate]), new_field_spec=spec)
    return bytes(maker.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(plain_pdf()))).getbuffer())


def both_trusted(desk: Desk, partner: DemoCA, folder: Path) -> Path:
    partner.write_trust(folder)
    desk.authority.save_trust(folder, AT)
    return folder


def test_leader_and_seal_sign_beside_a_partners_signature_and_all_stay_valid(
    desk: Desk, partner: DemoCA, signer: Identity, tmp_path: Path
) -> None:
    stream = io.BytesIO(signed(partner, signer))
    prepare(stream, LAYOUT)
    approve(stream, "leader", desk.leader, image=desk.blue, at=AT)
    writer = open_revision(stream)
    order = SigningOrder("seal", "seal", AT, image=desk.red, texts=NUMBERS, code="05/TB-UBND")
    sign(writer, compose(writer, order), desk.agency)
    content = stream.getvalue()
    report = desk.inspect(content, tmp_path, trust=both_trusted(desk, partner, tmp_path / "trust"))
    assert (report["verdict"], report["reasons"]) == ("valid", [])
    assert [one["field"] for one in report["signatures"]] == ["Partner", "leader", "seal"]
    assert all(line.startswith("Signature is Valid.") for line in pdfsig(content, tmp_path).values())
    assert "05/TB-UBND" in page_text(content, tmp_path)


def test_no_text_is_added_after_a_partners_signature(desk: Desk, partner: DemoCA, signer: Identity) -> None:
    stream = io.BytesIO(signed(partner, signer))
    prepare(stream, LAYOUT)
    names = set(form_fields(open_revision(stream)))
    assert names == {"Partner", "initials_1", "leader", "seal", "copy"}


@pytest.mark.parametrize(
    "options",
    [
        {"certify": True},
        {"spec": SigFieldSpec("Partner", field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL))},
        {"spec": SigFieldSpec("Partner", field_mdp_spec=FieldMDPSpec(FieldMDPAction.EXCLUDE, ["Other"]))},
    ],
    ids=["certified", "all locked", "all but others locked"],
)
def test_a_file_that_others_locked_is_refused_with_a_way_out(
    desk: Desk, partner: DemoCA, signer: Identity, options: dict[str, Any]
) -> None:
    content = signed(partner, signer, **options)
    stream = io.BytesIO(content)
    with pytest.raises(Conflict) as caught:
        prepare(stream, LAYOUT)
    assert caught.value.code == "signature.locked_by_others"
    assert "phụ lục" in caught.value.vi
    assert stream.getvalue() == content


def test_a_lock_of_named_fields_leaves_room(desk: Desk, partner: DemoCA, signer: Identity) -> None:
    spec = SigFieldSpec("Partner", field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, ["Other"]))
    prepare(io.BytesIO(signed(partner, signer, spec=spec)), LAYOUT)


@pytest.mark.parametrize(
    "make",
    [
        lambda desk, *_: desk.approved().getvalue(),
        lambda desk, *_: desk.prepared().getvalue(),
        lambda _, partner, signer: signed(partner, signer, spec=SigFieldSpec("seal")),
    ],
    ids=["signed here", "prepared here", "a name of ours"],
)
def test_a_file_with_fields_of_ours_is_made_again_from_the_draft(
    desk: Desk, partner: DemoCA, signer: Identity, make: Callable[..., bytes]
) -> None:
    with pytest.raises(Conflict) as caught:
        prepare(io.BytesIO(make(desk, partner, signer)), LAYOUT)
    assert caught.value.code == "signature.already_prepared"

"""Files of a draft: a version brought as PDF or DOCX, annexes, their reading and their comparison.

A PDF is taken as it is, once it can be read and nobody signed it; a DOCX is converted and kept beside its PDF
(S4-3.3, S3-12.3). Every reading is an audit event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from handlers.documents.comparison import Piece, compare_words
from handlers.documents.conversion import convert_docx
from handlers.documents.reading import PdfFacts, draw_difference, read_pdf, unreadable
from handlers.drafts.draft_row import DRAFT, SOURCE, DraftState, add_file, add_main_version, main_versions
from handlers.records.document_row import DOCUMENT_FILE
from handlers.resources import HandlerResources
from handlers.signing.acts import void_signatures
from handlers.signing.inspection import inspect_pdf
from service.actions.attestations import (
    BY_MARK,
    BY_PERSON,
    ObjectKind,
    note_attestations,
    require_attestation,
)
from service.actions.document_rows import FileSource, KeptFile, store_files
from service.actions.documents import FileContent, open_file
from service.actions.draft_rows import note_new_text, take_up_again, touch, typeset_version
from service.actions.drafts import Changed, checked_reason, open_for_change
from service.actions.viewing import view_page
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.records import clean_text
from service.queries.clearance import check_released
from service.queries.drafts import annexes_of, see_draft, version_row
from service.storage.blobs import StoredBlob
from service.storage.media_types import DOCX, PDF
from service.storage.unit_of_work import UnitOfWork

MOST_ANNEXES: Final = 100
_NOTE: Final = 500
_SMALL_PRINT: Final = 9.0
"""Smaller words are the note in the margin, which names the version and differs anyway."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one version became another.

    Attributes:
        from_version: the earlier one.
        to_version: the later one.
        pieces: the words in order, each run the same, removed or added.
        page_amounts: of both.
    """

    from_version: int
    to_version: int
    pieces: Sequence[Piece]
    page_amounts: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Annexed:
    """What came of adding, replacing or taking out an annex.

    Attributes:
        ordinal: its place.
        version: its newest version.
        voided_signatures: ``{act, field, signer_name, signed_at}`` of each signature that holds no more.
    """

    ordinal: int
    version: int
    voided_signatures: Sequence[Mapping[str, Any]] = ()


def add_version(
    unit: UnitOfWork,
    resources: HandlerResources,
    document_id: UUID,
    file: FileSource,
    *,
    why: str,
    seen_version: int | None,
    is_attested: bool,
) -> Changed:
    """Take a PDF or DOCX as the draft's next version; signatures made before are voided.

    Raises:
        NotFound: no such draft, or not the actor's to see.
        Forbidden: it is somebody else's turn.
        Conflict: it was numbered or ended already, or the PDF is signed or a form.
        VersionMismatch: it was changed meanwhile.
        InvalidInput: nobody declares that it holds no secret; or the type is another, the file is broken,
            unsafe or cannot be converted.
        PolicyRefusal: secrets were found in this content before.
        TooLarge: over the limit.
        Unavailable: a DOCX, and LibreOffice is not installed.
    """
    state = open_for_change(unit, document_id, seen_version)
    reason = checked_reason(why)
    kept = _take_in(unit, resources, state, file, is_attested=is_attested)
    pdf = _as_pdf(unit, resources, kept)
    facts = _read_plain(unit, resources, pdf)
    version = add_main_version(unit, state, pdf, kind="draft", pages=facts.page_amount, reason=reason)
    if pdf.sha256 != kept.sha256:
        _keep_source(unit, document_id, kept, version, reason)
    unit.session.execute(update(DRAFT).where(DRAFT.c.document_id == document_id).values(origin="upload"))
    return Changed(document_id, version, note_new_text(unit, state, version, reason))


def _take_in(
    unit: UnitOfWork, resources: HandlerResources, state: DraftState, file: FileSource, *, is_attested: bool
) -> KeptFile:
    """Store a file that somebody declares to hold no secret; what is marked secret is entered by its mark."""
    require_attestation(is_attested=is_attested, secrecy=state.document.secrecy)
    (kept,) = store_files(unit, resources.blobs, [file])
    statement = BY_PERSON if is_attested else BY_MARK
    owner: tuple[ObjectKind, UUID] = ("document", state.document.id)
    note_attestations(unit, resources.zone, [kept], owner, statement=statement)
    return kept


def _read_plain(unit: UnitOfWork, resources: HandlerResources, pdf: StoredBlob) -> PdfFacts:
    """Return what is in a PDF, once it can be read by what draws it and by what will sign it."""
    path = resources.blobs.path_of(pdf.sha256)
    facts = read_pdf(path, resources.inspection)
    check_unsigned(facts)
    if inspect_pdf(path, None, unit.now, resources.inspection)["verdict"] == "unreadable":
        raise unreadable()
    return facts


def check_unsigned(facts: PdfFacts) -> None:
    """Refuse a PDF that carries signatures or form fields: nothing can be prepared on it.

    Raises:
        Conflict: ``draft.already_signed`` or ``draft.has_form``.
    """
    if facts.signatures:
        vi = "Tệp PDF đã có chữ ký số; dự thảo phải là tệp chưa ký."
        raise Conflict("draft.already_signed", vi, "The PDF is signed already; a draft is not.")
    if facts.has_form:
        vi = "Tệp PDF có biểu mẫu điền; hãy in lại ra PDF thường."
        raise Conflict("draft.has_form", vi, "The PDF has a form; print it to a plain PDF first.")


def _as_pdf(unit: UnitOfWork, resources: HandlerResources, kept: KeptFile) -> StoredBlob:
    if kept.media_type == PDF:
        return StoredBlob(kept.sha256, kept.size_bytes, kept.media_type)
    if kept.media_type != DOCX:
        vi = "Dự thảo phải là tệp PDF hoặc DOCX."
        finding = Finding("draft.file_type", vi, "A draft is a PDF or a DOCX.", "/file")
        raise InvalidInput("draft.file_type", vi, "A draft is a PDF or a DOCX.", [finding])
    pdf = convert_docx(resources.blobs.path_of(kept.sha256))
    return resources.blobs.put(unit, BytesIO(pdf))


def _keep_source(unit: UnitOfWork, document_id: UUID, kept: KeptFile, version: int, reason: str) -> None:
    stored = StoredBlob(kept.sha256, kept.size_bytes, kept.media_type)
    add_file(
        unit,
        document_id,
        stored,
        ordinal=SOURCE,
        version=version,
        role="source",
        kind="source",
        file_name=kept.file_name,
        reason=reason,
    )


def add_annex(
    unit: UnitOfWork,
    resources: HandlerResources,
    document_id: UUID,
    file: FileSource,
    *,
    why: str,
    is_attested: bool,
    title: str = "",
    ordinal: int | None = None,
) -> Annexed:
    """Add an annex in a file of its own, or a new version of one.

    Who signed a document signed it with its annexes: signatures made before are voided, and a copy made ready
    to be signed is one no more (S0-7.4, S4-5.2c).

    Args:
        unit: of the one who changes the draft.
        resources: the house's.
        document_id: the draft.
        file: of one of the allowed types.
        why: shown with the version.
        is_attested: the declaration that it holds no state secret.
        title: what it is, as a list of annexes shows it.
        ordinal: of the annex that gets a new version; None = a further one.

    Raises:
        NotFound: no such draft or annex.
        CongVanError: as of :func:`add_version`; or there are too many.
    """
    state = open_for_change(unit, document_id, None)
    reason = checked_reason(why)
    known = None if ordinal is None else _annex_row(unit, document_id, ordinal)
    place, version = (known.ordinal, known.version + 1) if known else (_next_annex(unit, document_id), 1)
    kept = _take_in(unit, resources, state, file, is_attested=is_attested)
    add_file(
        unit,
        document_id,
        StoredBlob(kept.sha256, kept.size_bytes, kept.media_type),
        ordinal=place,
        version=version,
        role="attachment",
        kind="annex",
        file_name=kept.file_name,
        reason=reason,
        note=clean_text(title)[:_NOTE],
    )
    facts = {"reason": reason, "ordinal": place, "annex_version": version}
    return Annexed(place, version, _note_annex(unit, resources, state, "annex_added", facts))


def remove_annex(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, ordinal: int, why: str
) -> Annexed:
    """Take an annex out; its versions stay on record, signatures are voided as by :func:`add_annex`.

    Raises:
        NotFound: no such draft or annex.
        Forbidden: it is somebody else's turn.
        Conflict: the draft was numbered or ended already.
    """
    state = open_for_change(unit, document_id, None)
    reason = checked_reason(why)
    row = _annex_row(unit, document_id, ordinal)
    file = DOCUMENT_FILE.c
    unit.session.execute(update(DOCUMENT_FILE).where(file.id == row.id).values(kind="removed", note=reason))
    facts = {"reason": reason, "ordinal": ordinal}
    return Annexed(ordinal, row.version, _note_annex(unit, resources, state, "annex_removed", facts))


def _note_annex(
    unit: UnitOfWork, resources: HandlerResources, state: DraftState, kind: str, facts: dict[str, Any]
) -> Sequence[Mapping[str, Any]]:
    """Put an unsigned text above a copy that is ready or signed, void its signatures, and tell of it."""
    versions = main_versions(unit, state.document.id)
    if versions and versions[-1].kind != "draft":
        if state.draft.origin == "template":
            facts["draft_version"] = typeset_version(unit, resources, state, facts["reason"])
        else:
            facts["draft_version"] = take_up_again(unit, state, facts["reason"])
    voided = void_signatures(unit, state.document.id, facts["reason"])
    touch(unit, state, kind, facts | ({"voided_signatures": voided} if voided else {}))
    return voided


def _next_annex(unit: UnitOfWork, document_id: UUID) -> int:
    if len(annexes_of(unit, document_id)) >= MOST_ANNEXES:
        vi, en = f"Tối đa {MOST_ANNEXES} phụ lục.", f"At most {MOST_ANNEXES} annexes."
        raise InvalidInput("annexes.too_many", vi, en, [Finding("annexes.too_many", vi, en, "/file")])
    file = DOCUMENT_FILE.c
    last = select(func.coalesce(func.max(file.ordinal), 0)).where(
        file.document_id == document_id, file.role == "attachment"
    )
    return int(unit.session.execute(last).scalar_one()) + 1


def _annex_row(unit: UnitOfWork, document_id: UUID, ordinal: int) -> Row[Any]:
    file = DOCUMENT_FILE.c
    statement = select(DOCUMENT_FILE).where(
        file.document_id == document_id, file.ordinal == ordinal, file.role == "attachment"
    )
    row = unit.session.execute(statement.order_by(file.version.desc()).limit(1)).one_or_none()
    if row is None or row.kind == "removed":
        raise NotFound("annex.not_found", "Không có phụ lục này.", "There is no such annex.")
    return row


def open_version(unit: UnitOfWork, document_id: UUID, version: int) -> FileContent:
    """Return where a version's content is; the reading is recorded.

    Raises:
        NotFound: no such draft or version, or not the actor's to read.
        Forbidden: the actor may only look at it, or it is hidden.
    """
    see_draft(unit, document_id)
    return open_file(unit, document_id, version_row(unit, document_id, version).id)


def open_annex(unit: UnitOfWork, document_id: UUID, ordinal: int) -> FileContent:
    """Return where an annex's newest content is; the reading is recorded.

    Raises:
        NotFound: no such draft or annex, or not the actor's to read.
        Forbidden: the actor may only look at it, or it is hidden.
    """
    see_draft(unit, document_id)
    return open_file(unit, document_id, _annex_row(unit, document_id, ordinal).id)


def view_version_page(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, version: int, page: int
) -> bytes:
    """Return a page of a version as PNG under the reader's watermark; pages count from 1.

    Raises:
        NotFound: no such draft, version or page, or not the actor's to read.
        Forbidden: the content is hidden or locked.
        Conflict: it waits for a scan, or cannot be drawn.
    """
    see_draft(unit, document_id)
    row = version_row(unit, document_id, version)
    return view_page(unit, resources, document_id, row.id, page)


def compare_versions(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, earlier: int, later: int
) -> Comparison:
    """Return what changed in the words from one version to another; both readings are recorded.

    Raises:
        NotFound: no such draft or version, or not the actor's to read.
        Forbidden: the actor may only look at them, or they are hidden or locked.
        Conflict: one waits for a scan.
        InvalidInput: a file cannot be read.
    """
    paths = _released(unit, resources, document_id, (earlier, later))
    facts = [read_pdf(path, resources.inspection) for path in paths]
    words = [[word.text for word in one.words if word.size >= _SMALL_PRINT] for one in facts]
    amounts = (facts[0].page_amount, facts[1].page_amount)
    return Comparison(earlier, later, compare_words(words[0], words[1]), amounts)


def draw_comparison(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, versions: tuple[int, int], page: int
) -> bytes:
    """Return a page of two versions side by side as PNG, changes marked; pages count from 1.

    Raises:
        NotFound: no such draft, version or page, or not the actor's to read.
        Forbidden: the actor may only look at them, or they are hidden or locked.
        Conflict: one waits for a scan.
        InvalidInput: a file cannot be read.
    """
    first, second = _released(unit, resources, document_id, versions)
    image, _ = draw_difference(first, second, page - 1, resources.inspection)
    return image


def _released(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, versions: Sequence[int]
) -> list[Path]:
    """Return where the contents of versions are that the actor may take along; the readings are recorded."""
    see_draft(unit, document_id)
    files = [open_file(unit, document_id, version_row(unit, document_id, one).id) for one in versions]
    for file in files:
        check_released(unit, resources.blobs, file.sha256)
    return [resources.blobs.path_of(file.sha256) for file in files]


__all__ = [
    "Annexed",
    "Comparison",
    "add_annex",
    "add_version",
    "check_unsigned",
    "compare_versions",
    "draw_comparison",
    "open_annex",
    "open_version",
    "remove_annex",
    "view_version_page",
]

"""``slip.freeze``: the slip with all opinions as one PDF that never changes again (S0-3.3, S0-7.5)."""

from __future__ import annotations

import io
from typing import ClassVar

from sqlalchemy import select, update

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.documents.typesetting import typeset
from handlers.resources import resources_of
from handlers.slips.slip_page import page_data
from handlers.slips.slip_row import SLIP, SLIP_ID, lock_slip, read_id, slip_not_found
from service.domain.errors import Conflict
from service.storage.unit_of_work import AuditRecord

TEMPLATE = "slip"


class FreezeSlip:
    """Typesets the decided slip and keeps the PDF under its SHA-256."""

    operation: ClassVar[str] = "slip.freeze"
    runs: ClassVar[Runs] = "job"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (SLIP_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{sha256, size_bytes}`` of the PDF.

        Raises:
            NotFound: no such slip.
            Conflict: it has no result yet.
        """
        unit = context.unit
        slip = unit.session.execute(select(SLIP).where(SLIP.c.id == read_id(params["slip_id"]))).one_or_none()
        if slip is None:
            raise slip_not_found()
        if slip.decided_at is None:
            raise Conflict("slip.undecided", "Phiếu trình chưa có kết quả.", "The slip has no result yet.")
        if slip.file_sha256 is None:
            # Typesetting takes long, so the row is locked only afterwards; the same slip gives the same PDF.
            page = typeset(TEMPLATE, page_data(unit, slip), at=slip.decided_at)
            stored = resources_of(context).blobs.put(unit, io.BytesIO(page.pdf))
            slip = lock_slip(unit, slip.id)
            values = {
                "file_sha256": stored.sha256,
                "file_size_bytes": stored.size_bytes,
                "frozen_at": unit.now,
                "version": slip.version + 1,
            }
            unit.session.execute(update(SLIP).where(SLIP.c.id == slip.id).values(values))
            details = {"sha256": stored.sha256.hex()}
            unit.audit(AuditRecord("slip.freeze", "submission_slip", slip.id, details))
            return {"sha256": stored.sha256.hex(), "size_bytes": stored.size_bytes}
        return {"sha256": bytes(slip.file_sha256).hex(), "size_bytes": slip.file_size_bytes}

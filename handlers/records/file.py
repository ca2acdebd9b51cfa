"""``record.file``: into a work dossier, before anything is complete (S0-8.2g1, S4-6.3b1)."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, is_done, lock_document, trace_line
from service.domain.errors import Conflict, NotFound
from service.storage.models import Dossier, DossierItem, table_of
from service.storage.unit_of_work import UnitOfWork

_DOSSIER = table_of(Dossier)
_ITEM = table_of(DossierItem)


class FileDocument:
    """Puts the document into an open dossier as its next item; one document may lie in many dossiers."""

    operation: ClassVar[str] = "record.file"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("dossier_id", True, "Mã hồ sơ công việc.", "Id of the dossier."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{dossier_id, notation, title}``.

        Raises:
            NotFound: the agency has no such dossier.
            Conflict: the dossier is closed.
        """
        document = lock_document(context.unit, params["document_id"])
        dossier = _open_dossier(context.unit, params["dossier_id"])
        if not is_done(document, context):
            _add_item(context.unit, dossier.id, document.id)
            line = trace_line(context, "filed", dossier_id=str(dossier.id), notation=dossier.notation)
            change_document(context, document, line)
        return {"dossier_id": str(dossier.id), "notation": dossier.notation, "title": dossier.title}


def _open_dossier(unit: UnitOfWork, dossier_id: Any) -> Row[Any]:
    """Return the dossier, locked, so that its items are numbered one after the other."""
    try:
        wanted = UUID(str(dossier_id))
    except ValueError:
        raise _no_dossier() from None
    statement = select(_DOSSIER).where(_DOSSIER.c.id == wanted).with_for_update()
    dossier = unit.session.execute(statement).one_or_none()
    if dossier is None:
        raise _no_dossier()
    if dossier.closed_on is not None:
        vi, en = "Hồ sơ đã kết thúc, không thêm văn bản được.", "The dossier is closed and takes no more."
        raise Conflict("dossier.closed", vi, en)
    return dossier


def _no_dossier() -> NotFound:
    return NotFound("dossier.not_found", "Không có hồ sơ này.", "There is no such dossier.")


def _add_item(unit: UnitOfWork, dossier_id: UUID, document_id: UUID) -> None:
    last = select(func.coalesce(func.max(_ITEM.c.ordinal), 0)).where(_ITEM.c.dossier_id == dossier_id)
    ordinal = unit.session.execute(last).scalar_one() + 1
    unit.session.execute(
        insert(_ITEM)
        .values(
            agency_id=unit.actor.agency_id,
            dossier_id=dossier_id,
            document_id=document_id,
            ordinal=ordinal,
            added_at=unit.now,
            added_by_id=unit.actor.account_id,
        )
        .on_conflict_do_nothing(),
    )

"""``delivery.summary``: how far a document came with its receivers (S3-13.2a)."""

from __future__ import annotations

from typing import ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.delivery.delivery_rows import summarise
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import lock_document


class SummariseDeliveries:
    """Counts the deliveries of a document by what became of them."""

    operation: ClassVar[str] = "delivery.summary"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the counts of :func:`~handlers.delivery.delivery_rows.summarise`."""
        document = lock_document(context.unit, params["document_id"])
        return summarise(context.unit, document.id)

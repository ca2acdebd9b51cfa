"""``record.capture`` and ``record.describe``: what a process knows of a document (S0-4.1, S3-12.4)."""

from __future__ import annotations

from typing import ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.description import describe_document
from handlers.records.document_row import (
    change_document,
    document_not_found,
    is_done,
    lock_document,
    newest_files,
    require_free,
    trace_line,
)
from handlers.resources import resources_of


class CaptureDocument:
    """Ties the document to the instance and gives its metadata, with what it lacks."""

    operation: ClassVar[str] = "record.capture"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the document's description; see :func:`describe_document`.

        Raises:
            NotFound: no such document, or one that this office drafts itself.
            Conflict: another process carries it.
        """
        document = lock_document(context.unit, params["document_id"])
        if document.direction != "incoming":
            raise document_not_found()
        files = newest_files(context.unit, document.id)
        if not is_done(document, context):
            require_free(document, context)
            line = trace_line(context, "captured", file_count=len(files))
            change_document(context, document, line, instance_id=context.instance_id)
        return describe_document(document, files, resources_of(context))


class DescribeDocument:
    """Gives the metadata of a document that another process captured, and changes nothing."""

    operation: ClassVar[str] = "record.describe"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the document's description; see :func:`describe_document`."""
        document = lock_document(context.unit, params["document_id"])
        files = newest_files(context.unit, document.id)
        return describe_document(document, files, resources_of(context))

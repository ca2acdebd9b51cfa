"""``record.publish``: open a document to everyone in the agency; never a secret one (S0-5.3)."""

from __future__ import annotations

from typing import ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, is_done, lock_document, trace_line
from service.domain.errors import PolicyRefusal


class PublishDocument:
    """Makes a document that is not secret readable for every user of the agency."""

    operation: ClassVar[str] = "record.publish"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_public}``.

        Raises:
            PolicyRefusal: the document has a secrecy level.
        """
        document = lock_document(context.unit, params["document_id"])
        if document.secrecy != "none":
            raise PolicyRefusal(
                "document.secret_not_public",
                "Văn bản có độ mật không được công khai.",
                "A secret document is not made public.",
                extra={"clause": "S0-5.3"},
            )
        if not is_done(document, context):
            change_document(context, document, trace_line(context, "published"), is_public=True)
        return {"is_public": True}

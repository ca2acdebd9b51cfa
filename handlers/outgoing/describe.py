"""``outgoing.take_up``, ``outgoing.describe``: a draft and the process that carries it (S0-4.1, S0-7.1)."""

from __future__ import annotations

from typing import ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.outgoing.facts import describe_outgoing
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import (
    change_document,
    document_not_found,
    is_done,
    lock_document,
    require_free,
    trace_line,
)
from handlers.resources import resources_of


class TakeUpDraft:
    """Ties the draft to the instance and gives what the flow decides by."""

    operation: ClassVar[str] = "outgoing.take_up"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the document's facts; see :func:`~handlers.outgoing.facts.describe_outgoing`.

        Raises:
            NotFound: no such draft, or somebody else's.
            Conflict: another process carries it.
        """
        document = lock_document(context.unit, params["document_id"])
        facts = describe_outgoing(context.unit, document, resources_of(context))
        if not is_done(document, context):
            actor = context.unit.actor
            if not actor.is_system and facts["drafter"] != f"user:{actor.login}":
                raise document_not_found()
            require_free(document, context)
            line = trace_line(context, "drafting_begun")
            change_document(context, document, line, instance_id=context.instance_id)
        return facts


class DescribeOutgoing:
    """Reads the facts again, after people have changed the draft; changes nothing."""

    operation: ClassVar[str] = "outgoing.describe"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the document's facts; see :func:`~handlers.outgoing.facts.describe_outgoing`."""
        document = lock_document(context.unit, params["document_id"])
        return describe_outgoing(context.unit, document, resources_of(context))

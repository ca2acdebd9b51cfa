"""``signature.verify``: what the signatures of a document's files are worth (S0-6.1b, S3-14.1, S4-8).

The report is kept with each file; the clerk sees four answers, not one tick. A signed file that is not valid
is not refused here: the clerk decides, the register says whether it counts as the original (S0-3.2, S4-8.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from sqlalchemy import Row, update

from handlers.contract import HandlerContext, Json, Parameter, RetryLater, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import (
    DOCUMENT_FILE,
    change_document,
    is_done,
    lock_document,
    newest_files,
    read_id,
    trace_line,
)
from handlers.resources import resources_of
from handlers.signing.inspection import inspect_pdf
from service.domain.records import PDF

_NOT_A_PDF: Final[Json] = {"verdict": "not_a_pdf", "reasons": ["not_a_pdf"], "signatures": []}
_ORDER: Final = ("invalid", "encrypted", "unreadable", "indeterminate", "unsigned", "valid")
_FOUR: Final = ("integrity", "trust", "revocation", "later_changes")


class VerifySignatures:
    """Looks into every PDF of the document in a process with limits, offline, and stores the reports."""

    operation: ClassVar[str] = "signature.verify"
    runs: ClassVar[Runs] = "job"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{verdict, legal_value, files: [{file_id, file_name, verdict, four answers, signers}]}``.

        Raises:
            NotFound: no such document.
            RetryLater: a file is not on this host's disk yet.
        """
        files = newest_files(context.unit, read_id(params["document_id"]))
        # Looking takes long, so the row is locked only afterwards.
        reports = [(file, _report_on(file, context)) for file in files]
        document = lock_document(context.unit, params["document_id"])
        summary = _summary(reports)
        if not is_done(document, context):
            for file, report in reports:
                _store(context, file, report)
            line = trace_line(context, "signatures_verified", verdict=summary["verdict"])
            change_document(context, document, line)
        return summary


def _report_on(file: Row[Any], context: HandlerContext) -> Json:
    if file.media_type != PDF:
        return dict(_NOT_A_PDF)
    resources = resources_of(context)
    path = resources.blobs.path_of(bytes(file.sha256))
    if not path.exists():
        raise RetryLater("the file is not on this host's disk")
    report = inspect_pdf(path, resources.trust_dir, context.unit.now, resources.inspection)
    return report | {"sha256": bytes(file.sha256).hex(), "checked_at": context.unit.now.isoformat()}


def _store(context: HandlerContext, file: Row[Any], report: Json) -> None:
    context.unit.session.execute(
        update(DOCUMENT_FILE).where(DOCUMENT_FILE.c.id == file.id).values(signature_report=report)
    )


def _summary(reports: Iterable[tuple[Row[Any], Json]]) -> Json:
    entries = [
        {
            "file_id": str(file.id),
            "file_name": file.file_name,
            "role": file.role,
            "verdict": report["verdict"],
            "reasons": report["reasons"],
            "signers": [one["signer"] for one in report["signatures"]],
        }
        | {name: report.get(name) for name in _FOUR}
        for file, report in reports
    ]
    main = [one["verdict"] for one in entries if one["role"] == "main" and one["verdict"] != "not_a_pdf"]
    verdict = next((one for one in _ORDER if one in main), "unsigned")
    legal_value = "original" if main and verdict == "valid" else "reference_only"
    return {"verdict": verdict, "legal_value": legal_value, "files": entries}

"""Every handler of this release, in one explicit tuple."""

from __future__ import annotations

from handlers.contract import Handler
from handlers.deadlines.escalate import EscalateDeadline
from handlers.delivery.send_status import SendStatus
from handlers.notices.send import SendNotice
from handlers.policies.apply import ApplyPolicy
from handlers.records.cancel import CancelDocument, FreezeDocument
from handlers.records.capture import CaptureDocument, DescribeDocument
from handlers.records.direction import ApplyDirection
from handlers.records.duplicates import CheckDuplicate
from handlers.records.file import FileDocument
from handlers.records.opinions import AddOpinion, CloseOpinions
from handlers.records.publish import PublishDocument
from handlers.records.register import RegisterDocument
from handlers.records.status import UpdateStatus
from handlers.signing.verify import VerifySignatures

CATALOGUE: tuple[Handler, ...] = (
    AddOpinion(),
    ApplyDirection(),
    ApplyPolicy(),
    CancelDocument(),
    CaptureDocument(),
    CheckDuplicate(),
    CloseOpinions(),
    DescribeDocument(),
    EscalateDeadline(),
    FileDocument(),
    FreezeDocument(),
    PublishDocument(),
    RegisterDocument(),
    SendNotice(),
    SendStatus(),
    UpdateStatus(),
    VerifySignatures(),
)

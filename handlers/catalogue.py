"""Every handler of this release, in one explicit tuple."""

from __future__ import annotations

from handlers.accounts.guests import AdmitGuest, EndGuest
from handlers.accounts.requests import ExamineRequest
from handlers.accounts.reviews import ListRights
from handlers.accounts.tasks import (
    CreateAccount,
    DisableAccount,
    HandOverWork,
    ListOpenWork,
    LockAccount,
    TakePost,
    TellPeople,
)
from handlers.assignments.amend import AmendAssignment
from handlers.assignments.close import CancelAssignment, CloseAssignment
from handlers.assignments.escalate import EscalateAssignment
from handlers.assignments.open import DropAssignment, OpenAssignment
from handlers.assignments.record import RecordStep
from handlers.assignments.split import CompileParts, SplitAssignment
from handlers.assignments.stop import StopAssignments
from handlers.contract import Handler
from handlers.deadlines.carry import CarryDeadline
from handlers.deadlines.escalate import EscalateDeadline
from handlers.delivery.dispatch import DispatchDocument
from handlers.delivery.recall import RecallDocument
from handlers.delivery.send_status import SendStatus
from handlers.delivery.summary import SummariseDeliveries
from handlers.drafts.check import CheckDraft
from handlers.drafts.finalise import FinaliseDraft
from handlers.drafts.status import FreezeDraft, SetDraftStatus
from handlers.notices.send import SendNotice
from handlers.outgoing.describe import DescribeOutgoing, TakeUpDraft
from handlers.policies.access_requests import CloseRequest, DescribeRequest, GrantRequest, MatchRequest
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
from handlers.registers.list_due import ListDueRegisters
from handlers.registers.print import BindRegister, PrintRegister
from handlers.signing.annex_task import SignAnnex, SignCopy
from handlers.signing.approval_task import ApproveDocument
from handlers.signing.joint_seal_task import JoinSeal
from handlers.signing.raise_task import RaiseSignature
from handlers.signing.sealing_task import IssueSeal
from handlers.signing.verify import VerifySignatures
from handlers.slips.conclude import ConcludeSlip
from handlers.slips.follow_up import FollowUpSlip
from handlers.slips.freeze import FreezeSlip
from handlers.slips.open import OpenSlip
from handlers.slips.record import EscalateSlip, GatherOpinions, RecordOpinion

CATALOGUE: tuple[Handler, ...] = (
    AddOpinion(),
    AdmitGuest(),
    AmendAssignment(),
    ApplyDirection(),
    ApplyPolicy(),
    ApproveDocument(),
    BindRegister(),
    CancelAssignment(),
    CancelDocument(),
    CaptureDocument(),
    CheckDraft(),
    CheckDuplicate(),
    CreateAccount(),
    DisableAccount(),
    EndGuest(),
    ExamineRequest(),
    HandOverWork(),
    ListOpenWork(),
    ListRights(),
    LockAccount(),
    TakePost(),
    TellPeople(),
    CloseAssignment(),
    CloseRequest(),
    CompileParts(),
    CloseOpinions(),
    ConcludeSlip(),
    DescribeDocument(),
    DispatchDocument(),
    DropAssignment(),
    DescribeOutgoing(),
    DescribeRequest(),
    CarryDeadline(),
    EscalateAssignment(),
    EscalateDeadline(),
    EscalateSlip(),
    FileDocument(),
    FinaliseDraft(),
    FreezeDocument(),
    FreezeDraft(),
    GrantRequest(),
    MatchRequest(),
    FollowUpSlip(),
    FreezeSlip(),
    GatherOpinions(),
    ListDueRegisters(),
    OpenAssignment(),
    OpenSlip(),
    PrintRegister(),
    PublishDocument(),
    RecallDocument(),
    RecordOpinion(),
    RecordStep(),
    RegisterDocument(),
    SendNotice(),
    SendStatus(),
    SplitAssignment(),
    StopAssignments(),
    SummariseDeliveries(),
    TakeUpDraft(),
    SetDraftStatus(),
    UpdateStatus(),
    IssueSeal(),
    JoinSeal(),
    RaiseSignature(),
    SignAnnex(),
    SignCopy(),
    VerifySignatures(),
)

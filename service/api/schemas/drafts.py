"""Drafts of outgoing documents, in and out; types and forms of documents."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import URGENCIES, Length, OneOf, Output, Range, Schema, Values, note
from service.api.schemas.signers import SignerTurn
from service.api.schemas.slips import Slip
from service.domain.content_policy import CATEGORY_NAMES, SECRECY_NAMES
from service.domain.document_profiles import PROFILES
from service.domain.outgoing import RECIPIENT_CHANNELS, RECIPIENT_KINDS, RECIPIENT_PURPOSES

_CONTENT = (
    "`blocks` (each with a `kind`: paragraph, heading, article, clause, point, list, table, centred, annex,"
    " page_break), `address`, `basis`, `recipient_lines`, `decider`, `place`, `footer`, `unit_notation`,"
    " `heading`, `signing`, `text_size`, `number_family`"
)


class DraftRecipientInput(Schema):
    """A receiver: a partner, a unit, a person, or a place that is only printed."""

    kind = fields.String(required=True, validate=OneOf(RECIPIENT_KINDS))
    organ_id = fields.String(
        load_default=None, allow_none=True, validate=Length(max=35), metadata=note("of a partner")
    )
    unit = fields.String(
        load_default=None, allow_none=True, validate=Length(max=40), metadata=note("code of a unit")
    )
    person = fields.String(
        load_default=None, allow_none=True, validate=Length(max=100), metadata=note("login")
    )
    name = fields.String(
        load_default="", validate=Length(max=200), metadata=note("as printed; empty = as in the directory")
    )
    channel = fields.String(load_default="", validate=OneOf(RECIPIENT_CHANNELS))
    purpose = fields.String(load_default="to", validate=OneOf(RECIPIENT_PURPOSES))


class SigningWords(Schema):
    """For whom or in whose place somebody signs."""

    collective = fields.String(load_default="", validate=Length(max=500), metadata=note("TM: for whom"))
    principal = fields.String(
        load_default="", validate=Length(max=500), metadata=note("KT, TL, TUQ: position in whose place")
    )
    deputy_of = fields.String(load_default="", validate=Length(max=500))


class CosignerInput(Schema):
    """One who signs after the draft's own signer."""

    signer = fields.String(required=True, validate=Length(min=1, max=100), metadata=note("login"))
    capacity = fields.String(load_default="", validate=OneOf(["", "TM", "KT", "TL", "TUQ", "Q"]))
    signer_position = fields.String(
        load_default="", validate=Length(max=100), metadata=note("as printed; empty = the account's")
    )
    issuing_body = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(max=40),
        metadata=note("code of a body that issues it jointly and seals it too; null = the draft's own"),
    )
    signing = fields.Nested(SigningWords, load_default=dict)


class DraftChange(Schema):
    """All that a draft says, its issuing body apart; what is left out becomes empty."""

    type_code = fields.String(
        required=True, validate=Length(min=1, max=20), metadata=note("key of a type of the form")
    )
    subject = fields.String(required=True, validate=Length(min=1, max=500), metadata=note("trích yếu"))
    content = Values(_CONTENT, load_default=None, allow_none=True)
    drafting_unit = fields.String(
        load_default=None, allow_none=True, validate=Length(max=40), metadata=note("null = the drafter's own")
    )
    signer = fields.String(
        load_default=None, allow_none=True, validate=Length(max=100), metadata=note("login")
    )
    capacity = fields.String(
        load_default="", validate=OneOf(["", "TM", "KT", "TL", "TUQ", "Q"]), metadata=note("empty = the head")
    )
    signer_position = fields.String(load_default="", validate=Length(max=100))
    cosigners = fields.List(
        fields.Nested(CosignerInput),
        load_default=list,
        validate=Length(max=5),
        metadata=note("who sign after the signer, in order"),
    )
    urgency = fields.String(load_default="normal", validate=OneOf(URGENCIES))
    secrecy = fields.String(load_default="none", validate=OneOf(list(SECRECY_NAMES)))
    category = fields.String(load_default="general", validate=OneOf(list(CATEGORY_NAMES)))
    description = fields.String(load_default="", validate=Length(max=500))
    recipients = fields.List(fields.Nested(DraftRecipientInput), load_default=list, validate=Length(max=500))
    answers_id = fields.UUID(load_default=None, allow_none=True)
    replaces_id = fields.UUID(load_default=None, allow_none=True)
    corrects_id = fields.UUID(load_default=None, allow_none=True)
    is_attested = fields.Boolean(
        load_default=False, metadata=note("the drafter declares that it holds no state secret")
    )


class DraftRewrite(DraftChange):
    """What a draft says from now on, and why."""

    why = fields.String(required=True, validate=Length(min=1, max=500))


class DraftInput(DraftChange):
    """A draft to begin."""

    issuing_body = fields.String(
        required=True, validate=Length(min=1, max=40), metadata=note("code of the body that will issue it")
    )
    profile = fields.String(
        load_default=None,
        allow_none=True,
        validate=OneOf(PROFILES),
        metadata=note("null = that of the body's side"),
    )
    starts = fields.Boolean(
        data_key="start", load_default=True, metadata=note("whether its process starts at once")
    )


class Why(Schema):
    """Why something is done, shown with the version."""

    why = fields.String(required=True, validate=Length(min=1, max=500))


class Drafted(Output):
    """What came of beginning a draft."""

    document_id = fields.UUID()
    version = fields.Integer(metadata=note("0 = a file is still to be brought"))
    instance_id = fields.UUID(allow_none=True)


class VoidedSignature(Output):
    """A signature that holds no more."""

    act = fields.String()
    field = fields.String()
    signer_name = fields.String()
    signed_at = fields.String()


class DraftChanged(Output):
    """What came of changing a draft."""

    document_id = fields.UUID()
    version = fields.Integer()
    voided_signatures = fields.List(fields.Nested(VoidedSignature))


class DraftRecipient(Output):
    """A receiver."""

    kind = fields.String()
    organ_id = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    person = fields.String(allow_none=True)
    name = fields.String()
    channel = fields.String()
    purpose = fields.String()


class Annex(Output):
    """An annex in a file of its own."""

    ordinal = fields.Integer()
    version = fields.Integer()
    file_name = fields.String()
    title = fields.String(attribute="note", metadata=note("what it is"))
    size_bytes = fields.Integer()
    media_type = fields.String()
    sha256 = fields.String()


class AnnexList(Output):
    """Annexes in order."""

    items = fields.List(fields.Nested(Annex))


class Annexed(Output):
    """What came of adding an annex, bringing a version of one, or taking one out."""

    ordinal = fields.Integer()
    version = fields.Integer()
    voided_signatures = fields.List(fields.Nested(VoidedSignature))


class Cosigner(Output):
    """One who signs after the draft's own signer."""

    signer = fields.String()
    capacity = fields.String()
    signer_position = fields.String()
    issuing_body = fields.String(allow_none=True, metadata=note("of a body that issues it jointly"))
    signing = fields.Dict(metadata=note("collective, principal, deputy_of"))


class OutgoingDraft(Output):
    """A draft with all that it says."""

    document_id = fields.UUID()
    status = fields.String()
    status_name = fields.String()
    row_version = fields.Integer(metadata=note("for `If-Match`"))
    profile = fields.String()
    profile_from = fields.Date()
    regulation = fields.String(metadata=note("where its form comes from"))
    type_code = fields.String()
    type_name = fields.String()
    issuing_body = fields.String()
    issuing_body_name = fields.String()
    drafting_unit = fields.String(allow_none=True)
    drafter = fields.String()
    drafter_name = fields.String()
    signer = fields.String(allow_none=True)
    signer_name = fields.String()
    capacity = fields.String()
    signer_position = fields.String()
    cosigners = fields.List(fields.Nested(Cosigner), metadata=note("as they are given"))
    signers = fields.List(fields.Nested(SignerTurn), metadata=note("everyone, in the order of signing"))
    subject = fields.String()
    description = fields.String()
    urgency = fields.String()
    secrecy = fields.String()
    category = fields.String()
    content = fields.Dict()
    origin = fields.String(metadata=note("template or upload: where the current version comes from"))
    current_version = fields.Integer()
    page_amount = fields.Integer(allow_none=True)
    recipients = fields.List(fields.Nested(DraftRecipient))
    annexes = fields.List(fields.Nested(Annex))
    slips = fields.List(fields.Nested(Slip), metadata=note("about it, or followed by it; only the reader's"))
    answers_id = fields.UUID(allow_none=True)
    replaces_id = fields.UUID(allow_none=True)
    corrects_id = fields.UUID(allow_none=True)
    instance_id = fields.UUID(allow_none=True)
    frozen_at = Instant(allow_none=True)
    created_at = Instant()
    may_change = fields.Boolean(metadata=note("whether the reader may change it now"))


class DraftVersion(Output):
    """A version of the document itself."""

    version = fields.Integer()
    kind = fields.String(metadata=note("draft, final, signed or issued"))
    added_at = Instant()
    added_by = fields.String(allow_none=True)
    added_by_name = fields.String(allow_none=True)
    reason = fields.String()
    remark = fields.String(attribute="note")
    file_name = fields.String()
    size_bytes = fields.Integer()
    media_type = fields.String()
    sha256 = fields.String()
    has_source = fields.Boolean(metadata=note("it was converted from a file that is kept too"))


class DraftVersionList(Output):
    """Versions, newest first."""

    items = fields.List(fields.Nested(DraftVersion))


class ComparisonQuery(Schema):
    """Which two versions."""

    earlier = fields.Integer(data_key="from", required=True, validate=Range(min=1, max=100_000))
    later = fields.Integer(data_key="to", required=True, validate=Range(min=1, max=100_000))


class ComparedPiece(Output):
    """A run of words."""

    change = fields.String(metadata=note("same, removed or added"))
    text = fields.String()


class DraftComparison(Output):
    """What changed in the words."""

    from_version = fields.Integer()
    to_version = fields.Integer()
    page_amounts = fields.List(fields.Integer())
    pieces = fields.List(fields.Nested(ComparedPiece))


class CheckFinding(Output):
    """One thing that the format check found."""

    code = fields.String()
    severity = fields.String(metadata=note("error or warning"))
    vi = fields.String()
    en = fields.String()
    where = fields.String(metadata=note("a pointer into the draft, or `page/<n>`"))


class DraftChecked(Output):
    """What the format check found, errors first."""

    findings = fields.List(fields.Nested(CheckFinding))
    error_count = fields.Integer()
    warning_count = fields.Integer()


class TypeQuery(Schema):
    """Which forms."""

    profile = fields.String(validate=OneOf(PROFILES), metadata=note("none = every form"))
    on = fields.Date(metadata=note("the day; none = today"))


class DocumentType(Output):
    """A type of document."""

    key = fields.String(metadata=note("for `type_code`"))
    code = fields.String(metadata=note("as written in the symbol; empty where none is known"))
    name = fields.String()
    shape = fields.String(metadata=note("articles, text, letter or form"))
    in_notation = fields.Boolean()
    is_numbered = fields.Boolean()
    may_address = fields.Boolean()
    must_address = fields.Boolean()
    decides = fields.String()


class SigningCapacity(Output):
    """In what capacity one signs."""

    code = fields.String()
    mark = fields.String()
    vi = fields.String()
    en = fields.String()


class UnknownFact(Output):
    """What could not be compared with the regulation itself."""

    fact = fields.String()
    note = fields.String()


class DocumentForm(Output):
    """A form of documents that holds on the day."""

    profile = fields.String()
    from_on = fields.Date()
    to_on = fields.Date(allow_none=True)
    regulation = fields.String()
    types = fields.List(fields.Nested(DocumentType))
    capacities = fields.List(fields.Nested(SigningCapacity))
    unknown_facts = fields.List(fields.Nested(UnknownFact), data_key="unknown")


class DocumentFormList(Output):
    """Forms of documents."""

    items = fields.List(fields.Nested(DocumentForm))

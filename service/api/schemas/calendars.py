"""The working calendar and deadlines, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import FindingOutput, Length, Output, Range, Schema, note

_LABEL = Length(min=1, max=200)


class YearQuery(Schema):
    """Which year."""

    year = fields.Integer(required=True, validate=Range(min=2000, max=2050))


class DayInput(Schema):
    """A day that differs from the week, with the decision that makes it so."""

    is_working = fields.Boolean(required=True, metadata=note("true for a make-up working day"))
    label = fields.String(required=True, validate=_LABEL)
    source = fields.String(required=True, validate=_LABEL, metadata=note("number of the decision"))
    decreed_on = fields.Date(load_default=None, allow_none=True, metadata=note("date of the decision"))


class Day(Output):
    """A day that differs from the week; inherited from an agency above, or the agency's own."""

    on = fields.Date()
    is_working = fields.Boolean()
    label = fields.String()
    source = fields.String()
    decreed_on = fields.Date(allow_none=True, metadata=note("date of the decision"))
    is_inherited = fields.Boolean()


class Days(Output):
    """The exceptional days of a year, in order."""

    items = fields.List(fields.Nested(Day))


class TableInput(Schema):
    """A yearly table as CSV text with the header `on,kind,label,source`, and `decreed_on` if it has dates."""

    csv = fields.String(required=True, validate=Length(min=1, max=200_000))
    dry_run = fields.Boolean(load_default=True, metadata=note("only tell the problems, write nothing"))


class ImportReport(Output):
    """What an import read and wrote, and every problem by row (`line`)."""

    read = fields.Integer()
    written = fields.Integer()
    problems = fields.List(fields.Nested(FindingOutput))


class SeasonInput(Schema):
    """Hours of work for a stretch of dates."""

    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    label = fields.String(required=True, validate=_LABEL)
    source = fields.String(required=True, validate=_LABEL)
    week = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=note('ISO weekdays to sessions: {"1": [["07:30", "11:30"], ["13:30", "17:00"]]}'),
    )


class Season(Output):
    """Hours for a stretch of dates; a later one in the list counts before an earlier one."""

    id = fields.UUID()
    first_on = fields.Date()
    last_on = fields.Date()
    label = fields.String()
    source = fields.String()
    week = fields.Dict()
    is_inherited = fields.Boolean()
    created_at = Instant()


class Seasons(Output):
    """Every season, those of agencies above first."""

    items = fields.List(fields.Nested(Season))


class Moved(Output):
    """An open task whose deadline the calendar would move."""

    task_id = fields.UUID()
    instance_id = fields.UUID()
    name = fields.String()
    subject = fields.String()
    old_due_at = Instant()
    new_due_at = Instant()
    old_derivation = fields.String()
    new_derivation_vi = fields.String()
    new_derivation_en = fields.String()


class MovedList(Output):
    """The open deadlines that move, by due time."""

    items = fields.List(fields.Nested(Moved))


class LedgerEntry(Output):
    """A line of a deadline's ledger."""

    id = fields.UUID()
    at = Instant()
    kind = fields.String()
    actor = fields.String(allow_none=True)
    reason = fields.String()
    old_due_at = Instant(allow_none=True)
    new_due_at = Instant(allow_none=True)


class Deadline(Output):
    """A task's deadline explained, with what is left of it."""

    task_id = fields.UUID()
    due_at = Instant(allow_none=True)
    clause = fields.String()
    derivation_vi = fields.String()
    derivation_en = fields.String()
    is_paused = fields.Boolean()
    left_seconds = fields.Integer(allow_none=True)
    left_working_seconds = fields.Integer(allow_none=True)
    ledger = fields.List(fields.Nested(LedgerEntry))


class ExtensionInput(Schema):
    """A later due time, and why."""

    due_at = Instant(required=True)
    reason = fields.String(required=True, validate=Length(min=1, max=1000))


class ExtensionDecision(Schema):
    """Whether an extension is granted, and why."""

    approve = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=Length(min=1, max=1000))


class UrgingInput(Schema):
    """A word to those who are urged."""

    note = fields.String(load_default="", validate=Length(max=1000))


class Told(Output):
    """Who was told, as owner references."""

    to = fields.List(fields.String())


class LadderInput(Schema):
    """When and whom to remind."""

    rungs = fields.List(
        fields.Dict(),
        required=True,
        validate=Length(max=20),
        metadata=note(
            "`at`: a share of the time from start to due, above 0 up to 1, or `daily` once late;"
            " `to`: `assignee`, `head` or both"
        ),
    )


class Ladder(Output):
    """A ladder of reminders in force."""

    process_key = fields.String(allow_none=True, metadata=note("null = for all without one of their own"))
    origin = fields.String(metadata=note("process, agency or built_in"))
    rungs = fields.List(fields.Dict())


class Ladders(Output):
    """The ladder for all, then that of each process."""

    items = fields.List(fields.Nested(Ladder))

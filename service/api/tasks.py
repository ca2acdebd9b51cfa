"""User tasks: list, read, and the verbs of WS-HumanTask."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response

from service.actions import attachments, confirmations, slips, user_tasks
from service.actions.document_rows import FileSource
from service.actions.documents import note_refusal
from service.api.files import ATTESTED, file_answer, one_file, read_flag, read_upload
from service.api.resource import Resource
from service.api.schemas import tasks as schemas
from service.domain.errors import PolicyRefusal
from service.http.conditions import entity_tag, version_seen
from service.http.context import runtime, unit
from service.http.gate import note_after_rollback
from service.queries import user_tasks as queries
from service.queries.attachments import read_attachment

tasks = Resource("tasks", "tasks", "User tasks: what waits for a person, and what a person does with it.")
Answer = tuple[queries.TaskView, int, dict[str, str]]


@tasks.get("")
@tasks.filters(schemas.TaskQuery)
@tasks.gives(schemas.TaskPage)
def list_tasks(query: dict[str, Any]) -> object:
    """List tasks by due time.

    Those without a due time come last. `counts` tells how many are mine, my groups', my leaders' and overdue.
    """
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_tasks(unit(), queries.TaskFilter(**query), cursor, limit)


@tasks.get("/<uuid:task_id>")
@tasks.gives(schemas.TaskDetail)
def read_task(task_id: UUID) -> object:
    """Read one task with its form, data, draft and notes."""
    detail = slips.read_task(runtime().engine, unit(), task_id)
    return detail, 200, entity_tag(detail.version)


@tasks.post("/<uuid:task_id>/claim")
@tasks.gives(schemas.Task)
def claim_task(task_id: UUID) -> Answer:
    """Claim a ready task: the caller becomes its actual owner."""
    return _versioned(user_tasks.claim(unit(), task_id, version_seen()))


@tasks.post("/<uuid:task_id>/release")
@tasks.gives(schemas.Task)
def release_task(task_id: UUID) -> Answer:
    """Give a claimed task back to its potential owners."""
    return _versioned(user_tasks.release(unit(), task_id, version_seen()))


@tasks.post("/<uuid:task_id>/delegate")
@tasks.takes(schemas.Login, example={"to": "lan"})
@tasks.gives(schemas.Task)
def delegate_task(body: dict[str, Any], task_id: UUID) -> Answer:
    """Let another person do the task, who gives it back."""
    return _versioned(user_tasks.delegate(unit(), task_id, version_seen(), body["to"]))


@tasks.post("/<uuid:task_id>/give-back")
@tasks.gives(schemas.Task)
def give_back_task(task_id: UUID) -> Answer:
    """Give a delegated task back to the one who delegated it."""
    return _versioned(user_tasks.give_back(unit(), task_id, version_seen()))


@tasks.post("/<uuid:task_id>/forward")
@tasks.takes(schemas.OwnerReference, example={"to": "role:specialist@unit:vp"})
@tasks.gives(schemas.Task)
def forward_task(body: dict[str, Any], task_id: UUID) -> Answer:
    """Hand the task to other potential owners, for good."""
    return _versioned(user_tasks.forward(unit(), task_id, version_seen(), body["to"]))


@tasks.put("/<uuid:task_id>/draft")
@tasks.takes(schemas.Draft)
@tasks.gives(schemas.Task)
def save_draft(body: dict[str, Any], task_id: UUID) -> Answer:
    """Keep what was typed so far, unchecked."""
    return _versioned(user_tasks.save_draft(unit(), task_id, version_seen(), body["data"]))


@tasks.post("/<uuid:task_id>/complete")
@tasks.takes(schemas.Submission)
@tasks.gives(schemas.CompletedTask)
def complete_task(body: dict[str, Any], task_id: UUID) -> Answer:
    """Check the submission against the form, complete the task and run the process on.

    A submission that breaks the form's rules gets 422, with a JSON pointer for each finding.
    """
    engine = runtime().engine
    behalf = body.get("on_behalf_of")
    view = user_tasks.complete(engine, unit(), task_id, version_seen(), body["data"], on_behalf_of=behalf)
    return _versioned(view)


@tasks.post("/<uuid:task_id>/confirmation")
@tasks.takes(schemas.ConfirmationInput, example={"outcome": "confirmed"})
@tasks.gives(schemas.Confirmation, 201)
def confirm_task(body: dict[str, Any], task_id: UUID) -> object:
    """Confirm or correct what an aide entered on the caller's behalf; what was entered stays."""
    return confirmations.answer(unit(), task_id, body["outcome"], body["words"])


@tasks.post("/<uuid:task_id>/comments")
@tasks.takes(schemas.Comment)
@tasks.gives(schemas.Task, 201)
def comment_task(body: dict[str, Any], task_id: UUID) -> Answer:
    """Add a remark to the task; it stays, with its author."""
    view = user_tasks.comment(unit(), task_id, body["body"])
    return view, 201, entity_tag(view.version)


@tasks.post("/<uuid:task_id>/files")
@tasks.describes(**one_file("the file to attach", is_attested=ATTESTED))
@tasks.gives(schemas.Task, 201)
def attach_file(task_id: UUID) -> Answer:
    """Attach a file to the task; its type is told from its content, and the content policy is asked."""
    upload = read_upload("file")
    file, is_attested = FileSource(upload.name, upload.stream), read_flag("is_attested")
    resources = runtime().engine.resources.handler_resources
    try:
        view = attachments.attach_file(unit(), resources, task_id, file, is_attested=is_attested)
    except PolicyRefusal as refusal:
        note_after_rollback(partial(note_refusal, refusal=refusal))
        raise
    return view, 201, entity_tag(view.version)


@tasks.get("/<uuid:task_id>/files/<uuid:note_id>")
@tasks.gives(None, description="the file's bytes")
def read_file(task_id: UUID, note_id: UUID) -> Response:
    """Read a file that was attached to the task's instance."""
    file = read_attachment(unit(), task_id, note_id)
    return file_answer(runtime().blobs, unit(), file.sha256, file.file_name, file.media_type)


def _versioned(view: queries.TaskView) -> Answer:
    return view, 200, entity_tag(view.version)

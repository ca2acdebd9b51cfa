"""A small process that passes every crash point, with handlers whose effects outside can be counted.

A clerk completes a task; a number is taken in the same transaction and a note put into the outbox; a job posts
something outside; a timer passes; the instance ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from handlers.contract import Handler, HandlerContext, Parameter
from service.bootstrap import Runtime
from service.domain.numbering import SeriesKey
from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.deployment import DeploymentChecker
from service.engine.engine import ProcessEngine
from service.engine.functions import function_names
from service.storage import register
from service.storage.unit_of_work import UnitOfWork
from tests.engine.spiff import bpmn

SERIES = SeriesKey("vptu", "incoming", "2026")
CLERK = "vanthu"
KEY = "trial"
FORM = b"""{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Ghi", "x-title-en": "Write",
"type": "object", "additionalProperties": false, "properties": {
"note": {"type": "string", "maxLength": 200, "x-label-vi": "Ghi", "x-label-en": "Note"}}}"""


class Outside:
    """What happened outside the house: a line for each call, in files that a killed process leaves whole."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(exist_ok=True)

    def add(self, kind: str, line: str) -> None:
        with (self._directory / kind).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def lines(self, kind: str) -> list[str]:
        path = self._directory / kind
        return path.read_text("utf-8").splitlines() if path.exists() else []


class Number:
    """Takes a number and notes it for a partner, within the step."""

    operation: ClassVar[str] = "trial.number"
    runs: ClassVar[Any] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (Parameter("document_id", True, "Văn bản", "Document"),)

    def __call__(self, params: dict[str, Any], context: HandlerContext) -> dict[str, Any]:
        allotted = register.enter(context.unit, SERIES, UUID(params["document_id"]), {})
        key = f"{context.idempotency_key}"
        context.unit.send("trial", "partner", {"instance": str(context.instance_id)}, key)
        return {"number": allotted.number}


class Post:
    """Posts something outside, at least once, always under the same key."""

    operation: ClassVar[str] = "trial.post"
    runs: ClassVar[Any] = "job"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def __call__(self, params: dict[str, Any], context: HandlerContext) -> dict[str, Any]:
        del params
        self._outside.add("posted", f"{context.instance_id} {context.idempotency_key}")
        return {"posted": True}


class Partner:
    """The outbox channel ``trial``."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        del unit, destination
        self._outside.add("sent", f"{payload['instance']} {dedupe_key}")


def trial_runtime(runtime: Runtime) -> Runtime:
    """Return the runtime with the trial's handlers and channel; its outside lies in the ``var`` directory."""
    outside = Outside(runtime.settings.var_dir / "outside")
    ours: tuple[Handler, ...] = (Number(), Post(outside))
    handlers = {**runtime.engine.resources.handlers, **{one.operation: one for one in ours}}
    engine = ProcessEngine(replace(runtime.engine.resources, handlers=handlers))
    checker = DeploymentChecker(handlers, function_names())
    return replace(runtime, engine=engine, checker=checker, channels={"trial": Partner(outside)})


def bundle() -> Bundle:
    """Return the process."""
    parts = (
        bpmn.start(),
        bpmn.user("write", potential_owners='"role:clerk"'),
        bpmn.service("number_it", "trial.number", "registration", document_id="document_id"),
        bpmn.service("post", "trial.post"),
        bpmn.catch("pause", bpmn.timer("timeDuration", "PT0.1S")),
        bpmn.end(),
        bpmn.path("s write number_it post pause e"),
    )
    heads = {"title_vi": "Chạy thử", "title_en": "Trial", "may_start": '["role:clerk"]'}
    content = bpmn.definitions(bpmn.process(KEY, *parts, **heads))
    files = (BundleFile("trial.bpmn", content), BundleFile("forms/trial/write.form.json", FORM))
    return Bundle(KEY, files)

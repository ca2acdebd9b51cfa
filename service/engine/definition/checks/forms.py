"""docs/bpmn-dialect.md: every user task has a form, and every form a task."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.definition.bundle import FORM_FOLDER
from service.engine.definition.model import Model
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.suggestions import nearest
from service.engine.definition.variables import form_key_of
from service.engine.definition.vocabulary import HUMAN_TASKS

_CHAPTER = "docs/bpmn-dialect.md, Extension properties (form)"


def _missing(model: Model) -> Iterator[Fault]:
    known = model.bundle.forms().keys() | model.environment.form_keys
    for node in model.of_tag(*HUMAN_TASKS):
        key = form_key_of(node.container.process, node)
        named = "form" in node.properties
        if key not in known and (named or node.tag == "userTask"):
            yield Fault(node.diagram, node.xml, {"form": key[:120], "near": nearest(key, known)})


def _unused(model: Model) -> Iterator[Fault]:
    used = {form_key_of(node.container.process, node) for node in model.of_tag(*HUMAN_TASKS)}
    for key, file in model.bundle.forms().items():
        if key not in used and not key.startswith("shared/"):
            yield Fault(None, None, {"file": file.path, "form": key})


def _misplaced(model: Model) -> Iterator[Fault]:
    for file in model.bundle.forms().values():
        if not file.path.startswith(FORM_FOLDER):
            yield Fault(None, None, {"file": file.path})


CHECKS = (
    Check(
        Rule(
            "form.missing",
            _CHAPTER,
            "Nhiệm vụ “{id}” cần biểu mẫu “{form}”, không có trong gói.",
            "Task “{id}” needs the form “{form}”, which is not in the bundle.",
            "Thêm tệp forms/{form}.form.json, hoặc sửa thuộc tính form (gần nhất: {near}).",
            "Add forms/{form}.form.json, or correct the property form (nearest: {near}).",
        ),
        _missing,
    ),
    Check(
        Rule(
            "form.unused",
            _CHAPTER,
            "Không nhiệm vụ nào dùng biểu mẫu “{file}”.",
            "No task uses the form “{file}”.",
            "Đổi tên tệp theo mã nhiệm vụ, hoặc xoá.",
            "Name the file after its task, or delete it.",
            "warning",
        ),
        _unused,
    ),
    Check(
        Rule(
            "form.misplaced",
            _CHAPTER,
            "Biểu mẫu “{file}” không nằm trong thư mục forms/.",
            "Form “{file}” is not in the folder forms/.",
            "Chuyển tới forms/<mã quy trình>/<mã nhiệm vụ>.form.json.",
            "Move it to forms/<process id>/<task id>.form.json.",
        ),
        _misplaced,
    ),
)

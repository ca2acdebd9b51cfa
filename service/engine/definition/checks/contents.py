"""What a bundle as a whole must hold: a diagram, the process it is named after, files of known kinds."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.definition.bundle import is_bundle_file
from service.engine.definition.model import Model
from service.engine.definition.rule import Check, Fault, Rule

_CHAPTER = "docs/deploy-checks.md, Bundles"


def _no_diagram(model: Model) -> Iterator[Fault]:
    if not model.bundle.bpmn():
        yield Fault(None, None, {"key": model.bundle.key})


def _no_main_process(model: Model) -> Iterator[Fault]:
    keys = [process.id for process in model.processes if process.is_executable]
    if keys and model.bundle.key not in keys:
        yield Fault(None, None, {"key": model.bundle.key, "found": ", ".join(keys[:8])})


def _foreign_file(model: Model) -> Iterator[Fault]:
    for file in model.bundle.files:
        if not is_bundle_file(file.path):
            yield Fault(None, None, {"file": file.path})


def _repeated_path(model: Model) -> Iterator[Fault]:
    seen: set[str] = set()
    for file in model.bundle.files:
        if file.path.casefold() in seen:
            yield Fault(None, None, {"file": file.path})
        seen.add(file.path.casefold())


TOO_MUCH = Rule(
    "bundle.too_much",
    _CHAPTER,
    "Các sơ đồ của gói có tổng cộng {count} phần tử, quá giới hạn {limit}; chưa kiểm tra tiếp.",
    "The diagrams of the bundle have {count} elements in all, over the limit of {limit}; checking stopped.",
    "Tách gói thành nhiều gói nhỏ.",
    "Split the bundle.",
)

CHECKS = (
    Check(
        Rule(
            "bundle.no_diagram",
            _CHAPTER,
            "Gói “{key}” không có tệp .bpmn nào.",
            "Bundle “{key}” has no .bpmn file.",
            "Thêm sơ đồ quy trình.",
            "Add the process diagram.",
        ),
        _no_diagram,
    ),
    Check(
        Rule(
            "bundle.no_main_process",
            _CHAPTER,
            "Gói tên “{key}” nhưng không có quy trình chạy được nào mang mã đó (có: {found}).",
            "The bundle is named “{key}”, but no executable process has that id (there are: {found}).",
            "Đặt mã quy trình chính trùng tên gói.",
            "Let the main process and the bundle have the same name.",
        ),
        _no_main_process,
    ),
    Check(
        Rule(
            "bundle.foreign_file",
            _CHAPTER,
            "Tệp “{file}” không phải BPMN, DMN hay biểu mẫu.",
            "File “{file}” is neither BPMN, DMN nor a form.",
            "Bỏ nó khỏi gói.",
            "Leave it out of the bundle.",
        ),
        _foreign_file,
    ),
    Check(
        Rule(
            "bundle.repeated_path",
            _CHAPTER,
            "Đường dẫn “{file}” có hai lần trong gói (không phân biệt hoa thường).",
            "The path “{file}” is in the bundle twice (upper and lower case are one).",
            "Giữ một tệp.",
            "Keep one file.",
        ),
        _repeated_path,
    ),
)

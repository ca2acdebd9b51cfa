"""Deployment: what a bundle is, what is checked before it is stored, and what lists need to know of it."""

from __future__ import annotations

from service.engine.definition.archive import ArchiveLimits, read_zip
from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.definition.checker import check_bundle, errors_in, is_error
from service.engine.definition.environment import Environment, OperationSpec
from service.engine.definition.process_info import ProcessInfo, StartInfo, TaskInfo, read_process_infos

__all__ = [
    "ArchiveLimits",
    "Bundle",
    "BundleFile",
    "Environment",
    "OperationSpec",
    "ProcessInfo",
    "StartInfo",
    "TaskInfo",
    "check_bundle",
    "errors_in",
    "is_error",
    "read_process_infos",
    "read_zip",
]

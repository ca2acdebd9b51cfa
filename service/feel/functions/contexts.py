"""Context functions (DMN 1.5, table 82) and the small questions about null that analysts ask."""

from __future__ import annotations

from typing import Any, Final

from service.feel.functions.library import Library
from service.feel.runtime import Run
from service.feel.values.reasons import Reason

CONTEXTS: Final = Library()


@CONTEXTS.function("get value(m: context, key: string) -> Any")
def get_value(entries: dict[str, Any], key: str) -> Any:
    """Give the entry's value; null with a reason when there is no such entry."""
    if key not in entries:
        return _no_entry(key)
    return entries[key]


@CONTEXTS.function("get value(context: context, keys: list<string>) -> Any")
def get_nested_value(entries: dict[str, Any], keys: list[str | None]) -> Any:
    """Give the value at the end of a path of keys."""
    value: Any = entries
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return _no_entry(key)
        value = value[key]
    return value


@CONTEXTS.function("get entries(m: context) -> list<context>")
def get_entries(entries: dict[str, Any]) -> list[dict[str, Any]]:
    """Give a list of contexts with ``key`` and ``value``."""
    return [{"key": key, "value": value} for key, value in entries.items()]


@CONTEXTS.function("context(entries: list<context>) -> context")
def context(entries: list[dict[str, Any]]) -> dict[str, Any] | Reason:
    """Build a context from a list of contexts with ``key`` and ``value``."""
    built: dict[str, Any] = {}
    for entry in entries:
        key = entry.get("key") if entry else None
        if not isinstance(key, str) or "value" not in entry:
            return Reason(
                "feel.entries",
                "mỗi phần tử phải có “key” là chuỗi và “value”.",
                "each item must have a string “key” and a “value”.",
            )
        if key in built:
            return Reason("feel.duplicate_key", f"khóa “{key}” bị lặp.", f"the key “{key}” occurs twice.")
        built[key] = entry["value"]
    return built


@CONTEXTS.function("context put(context: context, key: string, value: Any?) -> context")
def context_put(entries: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Give a copy with one entry added or replaced."""
    return {**entries, key: value}


@CONTEXTS.function("context put(context: context, keys: list<string>, value: Any?) -> context")
def context_put_nested(run: Run, entries: dict[str, Any], keys: list[str | None], value: Any) -> Any:
    """Give a copy with the entry at the end of a path of keys added or replaced."""
    if not keys or None in keys:
        return Reason(
            "feel.keys", "danh sách khóa rỗng hoặc có null.", "the list of keys is empty or holds null."
        )
    inner = value
    if len(keys) > 1:
        nested = entries.get(keys[0] or "")
        if not isinstance(nested, dict):
            return _no_context(keys[0])
        run.enter()
        inner = context_put_nested(run, nested, keys[1:], value)
        run.leave()
    return inner if isinstance(inner, Reason) else {**entries, keys[0]: inner}


@CONTEXTS.function("context merge(contexts: list<context>) -> context")
def context_merge(contexts: list[dict[str, Any] | None]) -> dict[str, Any] | Reason:
    """Put contexts together; of two entries with one key the later stays."""
    merged: dict[str, Any] = {}
    for entries in contexts:
        if entries is None:
            return Reason("feel.null_argument", "có phần tử null.", "one of the contexts is null.")
        merged.update(entries)
    return merged


@CONTEXTS.function("is defined(value: Any?) -> boolean")
def is_defined(value: Any) -> bool:
    """Tell whether there is a value; an extension of ours that other engines have too."""
    return value is not None


@CONTEXTS.function("get or else(value: Any?, default: Any?) -> Any")
def get_or_else(value: Any, default: Any) -> Any:
    """Give the value, or the default when it is null; an extension of ours that other engines have too."""
    return default if value is None else value


@CONTEXTS.function("is empty(value: Any?) -> boolean")
def is_empty(value: Any) -> bool:
    """Tell whether it is null, or a string, list or context with nothing in it; an extension of ours."""
    return value is None or (isinstance(value, str | list | dict) and not value)


def _no_entry(key: str | None) -> Reason:
    return Reason("feel.no_entry", f"không có mục “{key}”.", f"there is no entry “{key}”.")


def _no_context(key: str | None) -> Reason:
    return Reason(
        "feel.no_context", f"mục “{key}” không phải ngữ cảnh.", f"the entry “{key}” is not a context."
    )

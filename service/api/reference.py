"""The API described to people: one page drawn on the server, without script or any address but our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template

from service.api.openapi import Document
from service.http.json_text import write_json

EXTENSION: Final = "congvan-openapi"
PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_MAX_DEPTH: Final = 4
_NOTHING: Final[Mapping[str, Any]] = {}

reference = Blueprint("reference", __name__, url_prefix="/api", template_folder="templates")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body: its path from the root, its type and what is said about it."""

    path: str
    type: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    roles: tuple[str, ...]
    is_public: bool
    parameters: tuple[Mapping[str, Any], ...]
    takes: tuple[Member, ...]
    takes_type: str
    gives: tuple[Member, ...]
    statuses: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The operation's fragment on the page."""
        return f"{self.method}{re.sub(r'[^a-z0-9]+', '-', self.path.lower())}".strip("-")


@reference.get("/openapi.json")
def openapi_json() -> Response:
    """Give the OpenAPI document."""
    return Response(write_json(_document()), mimetype="application/json")


@reference.get("/docs")
def page() -> Response:
    """Draw the reference."""
    document = _document()
    answer = Response(render_template("reference.html", document=document, groups=groups_of(document)))
    answer.headers["Content-Security-Policy"] = PAGE_POLICY
    return answer


def _document() -> dict[str, Any]:
    document: Document = current_app.extensions[EXTENSION]
    return document.read()


@reference.get("/docs.css")
def stylesheet() -> Response:
    """Give the page's style."""
    style = Path(__file__).parent / "templates" / "reference.css"
    return Response(style.read_text(encoding="utf-8"), mimetype="text/css")


def groups_of(document: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[Operation]]]:
    """Return the tags of an OpenAPI document, each with its operations."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document.get("tags", ())}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                found[item[method]["tags"][0]].append(_operation(document, path, method, item))
    return [(tag, found[tag["name"]]) for tag in document.get("tags", ())]


def _operation(document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]) -> Operation:
    told = item[method]
    bodies = told.get("requestBody", {}).get("content", {})
    takes_type, body = next(iter(bodies.items()), ("", _NOTHING))
    answers = {status: answer for status, answer in told["responses"].items() if status != "default"}
    success = next(iter(answers.values()), _NOTHING).get("content", {}).get("application/json", {})
    parameters = (*item.get("parameters", ()), *told.get("parameters", ()))
    return Operation(
        method=method,
        path=path,
        summary=told.get("summary", ""),
        description=told.get("description", ""),
        roles=tuple(told.get("x-roles", ())),
        is_public=told.get("security") == [],
        parameters=tuple(_resolve(document, parameter) for parameter in parameters),
        takes=tuple(_members(document, body.get("schema", {}))),
        takes_type=takes_type,
        gives=tuple(_members(document, success.get("schema", {}))),
        statuses=tuple(answers),
    )


def _resolve(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a ``$ref`` inside the document."""
    place = part.get("$ref")
    if place is None:
        return part
    found: Any = document
    for step in place.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _members(
    document: Mapping[str, Any], schema: Mapping[str, Any], path: str = "", depth: int = 0
) -> Iterator[Member]:
    schema = _resolve(document, schema)
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        told = _resolve(document, part)
        place = f"{path}{name}"
        yield Member(place, _type(document, told), name in required, told.get("description", ""))
        inner = _resolve(document, told.get("items", {})) if told.get("type") == "array" else told
        if depth < _MAX_DEPTH and "properties" in inner:
            mark = "[]." if told.get("type") == "array" else "."
            yield from _members(document, inner, place + mark, depth + 1)


def _type(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "array":
        return f"{_type(document, _resolve(document, schema.get('items', {})))}[]"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    return str(schema.get("format") or schema.get("type") or "any")

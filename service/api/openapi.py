"""The API described to programs (OpenAPI 3.0), made from the same declarations that the routes run by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any, Final

from flask import Flask
from flask_smorest import Api

from service.api.resource import Resource
from service.api.schemas.shared import Problem
from service.domain.permissions import PERMISSIONS
from service.http.access import Access
from service.http.problems import KINDS, MEDIA_TYPE

DESCRIPTION: Final = """
Every error is a problem document (RFC 9457) in the language of `Accept-Language`, Vietnamese by default.

**Signing in.** `POST /api/v1/sessions` gives a bearer token for `Authorization: Bearer …`, or a cookie;
with the cookie every request that changes something carries the session's CSRF token in `X-CSRF-Token`.

**Trying again.** A POST may carry an `Idempotency-Key`: the same key and body give the stored answer again,
with `Idempotency-Replayed: true`, and have their effect once.

**Versions.** An answer about one task carries its version in `ETag`; the same text in `If-Match` makes a
change fail with 412 when someone else was faster.

**Hidden things.** What the caller may not know of answers 404, exactly as what does not exist.
"""
UNSAFE: Final = frozenset({"post", "put", "patch", "delete"})
_VERSIONED_TAG: Final = "tasks"


def configure(app: Flask, version: str) -> None:
    """Tell flask-smorest what the document says about the API as a whole."""
    app.config.update(
        API_TITLE="Công Văn",
        API_VERSION=version,
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={"info": {"description": DESCRIPTION.strip()}, "servers": [{"url": "/"}]},
    )


class HouseApi(Api):  # type: ignore[misc]  # the library has no types
    """flask-smorest's registry of resources; problem details take the place of its own error format.

    Routes work at once; they are described when somebody asks for the document, which costs more than all the
    rest of making an application.
    """

    ERROR_SCHEMA = Problem

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[Resource] = []
        super().__init__(app)

    def register_blueprint(self, resource: Resource) -> None:
        """Register a resource's routes, and note it for the document."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][resource.name] = self
        self._app.register_blueprint(resource)
        self._undescribed.append(resource)

    def describe(self) -> None:
        """Describe the resources that were registered since the last time."""
        for resource in self._undescribed:
            name = resource.name
            resource.register_views_in_doc(self, self._app, self.spec, name=name, parameters=None)
            self.spec.tag({"name": name, "description": resource.description})
        self._undescribed = []

    def _register_error_handlers(self) -> None:
        """Leave errors to :mod:`service.http.problems`."""


class Document:
    """The OpenAPI document of an application, made when it is first read.

    Args:
        api: with every resource registered.
        accesses: (method in lower case, OpenAPI path) → what the route asks of the caller.
    """

    def __init__(self, api: HouseApi, accesses: Mapping[tuple[str, str], Access]) -> None:
        self._api = api
        self._accesses = accesses
        self._made: dict[str, Any] | None = None
        self._lock = Lock()

    def read(self) -> dict[str, Any]:
        """Return the document."""
        with self._lock:
            if self._made is None:
                self._api.describe()
                self._made = _document_of(self._api, self._accesses)
            return self._made


def _document_of(api: HouseApi, accesses: Mapping[tuple[str, str], Access]) -> dict[str, Any]:
    """Return the OpenAPI document.

    Args:
        api: with every resource registered.
        accesses: (method in lower case, OpenAPI path) → what the route asks of the caller.
    """
    document: dict[str, Any] = api.spec.to_dict()
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-congvan"},
    }
    components["responses"] = {"Problem": _problem_response()}
    components["parameters"] = dict(_header_parameters())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                _complete(operation, method, path, accesses[method, path])
    return document


def _problem_response() -> dict[str, Any]:
    return {
        "description": "Problem details: "
        + "; ".join(
            f"{kind.status} {name}" for name, kind in sorted(KINDS.items(), key=lambda item: item[1].status)
        ),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _header_parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    texts = {
        "IdempotencyKey": ("Idempotency-Key", "the same key and body give the stored answer again"),
        "IfMatch": ("If-Match", 'the version seen, such as `"3"`; 412 when it is no longer the current one'),
        "AcceptLanguage": ("Accept-Language", "`vi` (default) or `en`, for problems"),
    }
    for name, (header, text) in texts.items():
        yield name, {"name": header, "in": "header", "description": text, "schema": {"type": "string"}}


def _complete(operation: dict[str, Any], method: str, path: str, access: Access) -> None:
    """Add what the route table says to one operation: errors, headers, who may call it."""
    responses = {code: answer for code, answer in operation["responses"].items() if code < "400"}
    operation["responses"] = {code: answer for code, answer in responses.items() if code.isdigit()} | {
        "default": {"$ref": "#/components/responses/Problem"}
    }
    names = ["AcceptLanguage"]
    if method == "post" and access.is_replayed and not access.is_public:
        names.append("IdempotencyKey")
    if method in UNSAFE and _VERSIONED_TAG in operation.get("tags", ()) and "{" in path:
        names.append("IfMatch")
    operation.setdefault("parameters", []).extend(
        {"$ref": f"#/components/parameters/{name}"} for name in names
    )
    operation["security"] = [] if access.is_public else [{"bearer": []}, {"cookie": []}]
    if access.action is not None:
        operation["x-roles"] = sorted(PERMISSIONS[access.action].roles)

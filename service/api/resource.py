"""A resource of the API: flask-smorest's blueprint, with typed decorators and the house's parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

import marshmallow as ma
from flask import Request
from flask_smorest import Blueprint
from webargs.core import missing
from webargs.flaskparser import FlaskParser

from service.api.schemas.base import Schema, findings_of
from service.domain.errors import InvalidInput
from service.http.faults import UnsupportedMedia
from service.http.json_text import read_json

P = ParamSpec("P")
R = TypeVar("R")
V = TypeVar("V", bound=Callable[..., Any])
SchemaLike = Schema | type[Schema]


class HouseParser(FlaskParser):
    """Reads requests strictly: JSON by :mod:`service.http.json_text`, refusals as findings."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 - as the library declares it
        "json": None,
        "query": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 - the library's signature
        """Return the JSON body, or ``missing`` when there is none.

        Raises:
            UnsupportedMedia: there is a body and it is not JSON.
            Malformed: the body cannot be read.
        """
        raw = req.get_data(cache=True)
        if not raw:
            return missing
        if not req.is_json:
            raise UnsupportedMedia(
                "body.not_json",
                "Địa chỉ này nhận application/json.",
                "This address takes application/json.",
            )
        return read_json(raw)

    def handle_error(self, error: ma.ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise the refusal as findings: one for each field, pointing into the body or the query.

        Raises:
            InvalidInput: always.
        """
        place, messages = next(iter(cast("dict[str, Any]", error.messages).items()))
        raise InvalidInput(
            "request.invalid",
            "Một số trường chưa hợp lệ.",
            "Some fields are not valid.",
            findings=tuple(findings_of(messages)),
            extra={"in": {"json": "body", "querystring": "query"}.get(place, place)},
        ) from error


def _made(schema: SchemaLike) -> Schema:
    """Return one schema for all requests: making one costs as much as loading with it."""
    return schema() if isinstance(schema, type) else schema


class Resource(Blueprint):  # type: ignore[misc]  # the library has no types
    """One noun of the API under ``/api/v1/<path>``, with a description for the reader of its document."""

    ARGUMENTS_PARSER = HouseParser()

    def __init__(self, noun: str, path: str, description: str) -> None:
        super().__init__(noun, __name__, url_prefix=f"/api/v1/{path}".rstrip("/"), description=description)

    def get(self, rule: str, **options: Any) -> Callable[[V], V]:
        """Declare the view of GET on ``rule``."""
        return cast("Callable[[V], V]", super().get(rule, **options))

    def post(self, rule: str, **options: Any) -> Callable[[V], V]:
        """Declare the view of POST on ``rule``."""
        return cast("Callable[[V], V]", super().post(rule, **options))

    def put(self, rule: str, **options: Any) -> Callable[[V], V]:
        """Declare the view of PUT on ``rule``."""
        return cast("Callable[[V], V]", super().put(rule, **options))

    def patch(self, rule: str, **options: Any) -> Callable[[V], V]:
        """Declare the view of PATCH on ``rule``."""
        return cast("Callable[[V], V]", super().patch(rule, **options))

    def delete(self, rule: str, **options: Any) -> Callable[[V], V]:
        """Declare the view of DELETE on ``rule``."""
        return cast("Callable[[V], V]", super().delete(rule, **options))

    def takes(
        self, schema: SchemaLike, example: Any = None
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Declare the JSON body; the view gets it, loaded, before its path arguments."""
        decorate = self.arguments(_made(schema), location="json", example=example)
        return cast("Callable[[Callable[..., R]], Callable[..., R]]", decorate)

    def filters(self, schema: SchemaLike) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Declare the query string; the view gets it, loaded, before its path arguments."""
        decorate = self.arguments(_made(schema), location="query")
        return cast("Callable[[Callable[..., R]], Callable[..., R]]", decorate)

    def gives(
        self,
        schema: SchemaLike | None,
        status: int = 200,
        description: str | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Declare the answer; the view returns what the schema dumps, optionally with status and headers."""
        decorate = self.response(status, schema, description=description)
        return cast("Callable[[Callable[P, R]], Callable[P, R]]", decorate)

    def may_give(
        self, schema: SchemaLike, status: int, description: str
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Declare an answer beside the usual one; the view then returns a whole response."""
        decorate = self.alt_response(status, schema=schema, description=description)
        return cast("Callable[[Callable[P, R]], Callable[P, R]]", decorate)

    def describes(self, **members: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Add members of the OpenAPI operation object."""
        return cast("Callable[[Callable[P, R]], Callable[P, R]]", self.doc(**members))

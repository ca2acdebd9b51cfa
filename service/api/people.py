"""The list of the office's people as a file: looked at, applied, given out."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.actions import people_import as actions
from service.api.files import FILE_POLICY, download_as, one_file, read_upload
from service.api.resource import Resource
from service.api.schemas import people as schemas
from service.domain.spreadsheets import MEDIA_TYPES, MOST_BYTES
from service.http.context import unit
from service.http.exports import count_exported
from service.queries import people_export as queries
from service.queries import rights

people = Resource("people", "people", "The list of people as a CSV or XLSX file, in and out.")


@people.post("/import")
@people.describes(**one_file("a CSV (UTF-8) or XLSX file"))
@people.filters(schemas.ImportOptions)
@people.gives(schemas.PeopleReport)
def import_people(query: dict[str, Any]) -> object:
    """Look at a list of people, or apply it whole or not at all.

    A dry run lists every problem by row and column and what would change; applying answers 422 with the same
    problems while there are any. First passwords of new accounts are shown in the answer, once.
    """
    content = read_upload("file").stream.read(MOST_BYTES + 1)
    act = actions.look if query["is_dry_run"] else actions.apply
    return act(unit(), content, is_whole=query["is_whole"], most_new=actions.MOST_NEW_BY_REQUEST)


@people.get("/export")
@people.filters(schemas.FormatQuery)
@people.gives(None, description="the file's bytes")
def export_people(query: dict[str, Any]) -> Response:
    """Give the list of people as a file that can be changed and brought in again."""
    made = queries.export_people(unit(), query["form"])
    count_exported(made.lines)
    return _download(made.content, "nguoi-dung", query["form"])


@people.get("/template")
@people.filters(schemas.FormatQuery)
@people.gives(None, description="the file's bytes")
def read_template(query: dict[str, Any]) -> Response:
    """Give an empty list; the workbook also tells the codes of units and roles."""
    return _download(queries.people_template(unit(), query["form"]), "mau-nguoi-dung", query["form"])


@people.get("/rights/<unit_code>")
@people.filters(schemas.FormatQuery)
@people.gives(None, description="the file's bytes")
def export_rights(query: dict[str, Any], unit_code: str) -> Response:
    """Give who may act as what in a unit as a file, for its head to look through and sign."""
    lines = rights.review_rights(unit(), unit_code)
    count_exported(len(lines))
    table = queries.rights_table(lines, query["form"])
    return _download(table, f"ra-soat-quyen-{unit_code}", query["form"])


def _download(content: bytes, name: str, form: str) -> Response:
    answer = Response(content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = download_as(f"{name}.{form}")
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer

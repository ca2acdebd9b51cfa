"""Every route, with ids of things that exist, asked by those whom it is not for.

A new route is walked by itself. If one of its parameters is new, say in :data:`REAL` which row of
``tests/api/real_rows.py`` it names; if its body cannot be made from its schema, put one into :data:`BODIES`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from service.api.routes import ACCESS
from service.domain.ids import new_id
from service.domain.permissions import PERMISSIONS, ROLES, may_ask
from service.storage.models import Account, Membership, table_of
from tests.api.callers import Caller, assert_problem
from tests.api.real_rows import KEEPER, RealRows, add_real_rows
from tests.factories import Office, open_session
from tests.harness import OPENING

MEMBERSHIP, ACCOUNT = table_of(Membership), table_of(Account)

REAL: dict[str, str] = {
    "assignment_id": "assignment.id",
    "body_code": "issuing_body.code",
    "change_id": "permission_change.id",
    "consent_id": "signing_consent.id",
    "deadlines.decide_extension:request_id": "deadline_entry.id",
    "definition_id": "process_definition.id",
    "delivery_id": "delivery.id",
    "dispatch_id": "outbox.id",
    "document_id": "document.id",
    "dossier_id": "dossier.id",
    "entry_id": "registry_entry.id",
    "file_id": "document_file.id",
    "grant_id": "access_grant.id",
    "holding_id": "post_holding.id",
    "identity_id": "provider_identity.id",
    "incident_id": "incident.id",
    "instance_id": "process_instance.id",
    "issuing_bodies:code": "issuing_body.code",
    "key": "process_definition.key",
    "key_id": "signing_key.id",
    "login": "account.login",
    "note_id": "task_note.id",
    "notice_id": "notice.id",
    "order_id": "delegation_order.id",
    "organ_id": "partner.organ_id",
    "organisation:code": "unit.code",
    "packet_id": "exchange_packet.id",
    "passkey_id": "passkey.id",
    "posts:code": "post.code",
    "print_id": "register_print.id",
    "process_key": "process_definition.key",
    "register_id": "number_series.id",
    "request_id": "access_request.id",
    "season_id": "calendar_season.id",
    "session_id": "login_session.id",
    "share_id": "document_share.id",
    "slip_id": "submission_slip.id",
    "spill_id": "spill.id",
    "task_id": "user_task.id",
    "token_id": "login_session.id",
    "unit_code": "unit.code",
}
"""A route's parameter → the row and column that hold it; ``blueprint:name`` and ``endpoint:name`` come first."""

PARTS: dict[str, str] = {
    "annex": "1",
    "file_path": "real.bpmn",
    "on": "2026-03-09",
    "ordinal": "1",
    "page": "1",
    "version": "1",
}
"""Parameters that name no row of their own, but a part of one, or a day."""

BODIES: dict[str, Any] = {
    "organisation.change_unit": {"name": "Đơn vị khác"},
    "registers.correct_line": {"columns": {"subject": "a"}, "reason": "a"},
}
"""Endpoint → a body that its schema accepts, where one made from the schema does not do."""

OF_FILES = re.compile("/files?/|/files?$|/pages?|comparison")
"""Addresses of a file's content: the rows have no files behind them."""

OF_TWO_AGENCIES = re.compile("^/api/v1/shared-documents/")
"""Addresses of what another agency gives: the rows are all of one."""

ABSENT = UUID("019aaaaa-0000-7000-8000-000000000000")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HIDDEN = (403, 404)
BEFORE_RIGHTS = frozenset({400, 409, 412, 413, 415, 422, 428})
"""Answers about the request or the object's state, which come before or instead of a refusal."""

MISSING_ID = """
{endpoint} has a parameter {name!r} that the walk cannot fill: add to REAL in {file}
    "{name}": "<table>.<column>",
the row that it names (or to PARTS, if it is a part of one or a day)."""
MISSING_BODY = """
{endpoint} refused its body before it looked at who asks ({status}): add to BODIES in {file}
    "{endpoint}": {{...}},
a body that its schema accepts. It answered: {answer}"""


@dataclass(frozen=True)
class Route:
    """A method of an address with parameters."""

    endpoint: str
    method: str
    address: str
    names: tuple[str, ...]

    @property
    def action(self) -> str:
        return ACCESS[self.endpoint].action or ""

    def named(self, ids: dict[str, Any]) -> str:
        """Return the address with ids filled in."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(ids[match[1]]), self.address)


def routes_of(app) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        if not ACCESS[rule.endpoint].is_public:
            for method in METHODS:
                if method in rule.methods:
                    yield Route(rule.endpoint, method, rule.rule, tuple(sorted(rule.arguments)))


def _source(route: Route, name: str) -> str | None:
    blueprint = route.endpoint.partition(".")[0]
    found = (REAL.get(f"{place}:{name}") for place in (route.endpoint, blueprint))
    return next(filter(None, found), None) or REAL.get(name)


def real_ids(route: Route, rows: RealRows) -> dict[str, Any]:
    ids = {}
    for name in route.names:
        source = _source(route, name)
        if source is None and name not in PARTS:
            pytest.fail(MISSING_ID.format(endpoint=route.endpoint, name=name, file=__file__))
        ids[name] = rows[source] if source else PARTS[name]
    return ids


def absent_ids(route: Route, rows: RealRows) -> dict[str, Any]:
    return {
        name: value if _source(route, name) is None else ABSENT if isinstance(value, UUID) else "absent"
        for name, value in real_ids(route, rows).items()
    }


@dataclass
class Walk:
    """What the walk knows: the rows and the API's own document, from which bodies are made."""

    rows: RealRows
    document: dict[str, Any]

    def options(self, route: Route) -> dict[str, Any]:
        """Return a body that the route's schema accepts, as the test client takes it."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.address)
        operation = self.document["paths"][path][route.method.lower()]
        query = {
            one["name"]: self._sample(one["schema"])
            for one in map(self._resolved, operation.get("parameters", []))
            if one["in"] == "query" and one.get("required")
        }
        return {"query_string": query, **self._body(route, operation)}

    def _body(self, route: Route, operation: dict[str, Any]) -> dict[str, Any]:
        content = self._resolved(operation.get("requestBody", {})).get("content", {})
        if route.endpoint in BODIES:
            return {"json": BODIES[route.endpoint]}
        if "application/json" in content:
            return {"json": self._sample(content["application/json"]["schema"])}
        if "multipart/form-data" in content:
            parts = self._resolved(content["multipart/form-data"]["schema"]).get("properties", {"file": {}})
            data = {name: self._part(schema) for name, schema in parts.items()}
            return {"data": data, "content_type": "multipart/form-data"}
        return {}

    def _part(self, schema: dict[str, Any]) -> Any:
        schema = self._resolved(schema)
        inner = self._resolved(schema.get("items", schema))
        if inner.get("format") == "binary":
            return (io.BytesIO(b"%PDF-1.7\n"), "a.pdf")
        value = self._sample(schema)
        return value if isinstance(value, str) else json.dumps(value)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            place: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                place = place[step]
            schema = place
        if "allOf" in schema:
            return self._resolved(schema["allOf"][0])
        return schema

    def _sample(self, schema: dict[str, Any]) -> Any:
        schema = self._resolved(schema)
        if schema.get("enum"):
            return schema["enum"][0]
        kind = schema.get("type")
        kind = next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind
        if kind == "object":
            required = schema.get("required", [])
            return {
                name: self._sample(one)
                for name, one in schema.get("properties", {}).items()
                if name in required
            }
        if kind == "array":
            return [self._sample(schema["items"])] * max(1, schema.get("minItems", 1))
        return {"integer": max(1, schema.get("minimum", 1)), "number": 1, "boolean": True}.get(
            str(kind), _text(schema)
        )


def _text(schema: dict[str, Any]) -> str:
    forms = {
        "date": "2026-03-09",
        "date-time": "2026-03-20T10:00:00+07:00",
        "uuid": str(ABSENT),
        "time": "08:00",
    }
    return forms.get(schema.get("format", ""), "a" * max(2, schema.get("minLength", 2)))


@pytest.fixture
def walk(owner, office, clock, anonymous) -> Walk:
    """The provincial office with a row of everything."""
    with owner.session() as session:
        rows = add_real_rows(session.connection(), office, clock)
    return Walk(rows, anonymous.get("/api/openapi.json").json)


def _every_role(office: Office, login: str) -> list[dict[str, Any]]:
    common = {"agency_id": office.agency_id, "account_id": office.accounts[login], "unit_id": None}
    return [{"id": new_id(OPENING), "role": role, **common} for role in ROLES]


@pytest.fixture
def stranger(app, other_office, owner, database):
    """Somebody of another agency who holds every role there is: caller and actor."""
    login = next(iter(other_office.accounts))
    with owner.session() as session:
        session.connection().execute(insert(MEMBERSHIP), _every_role(other_office, login))
    return Caller(app.test_client(), open_session(database, other_office.actor_for(login)))


def _told(answer) -> dict[str, Any]:
    """Return what a problem document says, all but the request's own id."""
    if answer.content_type != "application/problem+json":
        return {"content": answer.content_type}
    return {name: value for name, value in answer.get_json(force=True).items() if name != "request_id"}


def test_nobody_without_credentials_gets_in(app, walk, anonymous):
    for route in routes_of(app):
        address = route.named(real_ids(route, walk.rows))
        assert_problem(anonymous.ask(route.method, address), 401, "session.missing")


@pytest.mark.clause("S1-2", "S3-19.2")
def test_another_agencys_things_do_not_exist_whatever_one_may_do_at_home(app, walk, stranger):
    walked, faults = 0, []
    for route in routes_of(app):
        if any(_source(route, name) for name in route.names):
            real, absent = (
                stranger.ask(route.method, route.named(ids(route, walk.rows)), **walk.options(route))
                for ids in (real_ids, absent_ids)
            )
            faults += _faults(route, real, HIDDEN)
            if (real.status_code, _told(real)) != (absent.status_code, _told(absent)):
                faults.append(
                    f"{route.method} {route.address} tells what exists: {_told(real)} {_told(absent)}"
                )
            walked += 1
    assert not faults, "\n".join(faults)
    assert walked > 100


def test_another_agencys_lists_show_nothing_of_ours(app, walk, stranger):
    ours = {str(value) for name, value in walk.rows.values.items() if name.endswith(".id")}
    for route in routes_of(app):
        if route.method == "GET" and not route.names:
            content = stranger.get(route.address).get_data()
            assert not [one for one in ours if one.encode() in content], route.address


def _faults(route: Route, answer, expected: tuple[int, ...]) -> list[str]:
    text = answer.get_data(as_text=True)[:400]
    if answer.status_code in BEFORE_RIGHTS:
        return [
            MISSING_BODY.format(
                endpoint=route.endpoint, status=answer.status_code, answer=text, file=__file__
            )
        ]
    if answer.status_code not in expected:
        return [f"{route.method} {route.address} → {answer.status_code}, not {expected}: {text}"]
    return []


def _expected(route: Route, actor) -> tuple[int, ...] | None:
    """Return what the table has the route answer; None where it lets the actor by their role or as a person."""
    row = PERMISSIONS[route.action]
    if not may_ask(actor, route.action):
        return (403,)
    named = any(_source(route, name) for name in route.names)
    return HIDDEN if named and not row.roles & actor.roles else None


OPEN: frozenset[str] = frozenset()
"""Endpoints whose objects every person of the agency may know."""


@pytest.mark.parametrize(
    "login",
    [
        pytest.param("tp.hanhchinh", id="head of another unit"),
        pytest.param("cv.tonghop2", id="colleague of the same unit"),
        pytest.param("phantich", id="process analyst"),
    ],
)
def test_who_has_nothing_to_do_with_a_thing_is_refused(app, walk, sign_in, office, login):
    _walk_refused(app, walk, sign_in(login), office.actor_for(login))


def _walk_refused(app, walk, caller, actor):
    refused, faults = 0, []
    for route in routes_of(app):
        expected = _expected(route, actor)
        if expected is None or route.endpoint in OPEN:
            continue
        answer = caller.ask(route.method, route.named(real_ids(route, walk.rows)), **walk.options(route))
        faults += _faults(route, answer, expected)
        if expected == (403,) and answer.status_code == 403 and _told(answer).get("action") != route.action:
            faults.append(f"{route.method} {route.address} refuses for another reason: {_told(answer)}")
        refused += 1
    assert not faults, "\n".join(faults)
    assert refused > 60


@pytest.fixture
def rewrite(owner, office):
    """Return a function that changes a person's rows of a table behind everybody's back."""

    def change(column, login: str, **values: Any) -> None:
        with owner.session() as session:
            statement = update(column.table).where(column == office.accounts[login])
            session.connection().execute(statement.values(**values))

    return change


def test_whose_membership_has_ended_may_do_no_more_than_any_person(app, walk, sign_in, office, rewrite):
    login = "cv.tonghop2"
    rewrite(MEMBERSHIP.c.account_id, login, to_on=OPENING.date() - timedelta(days=1))
    caller = sign_in(login)
    assert caller.get("/api/v1/me").json["roles"] == []
    actor = replace(office.actor_for(login), roles=frozenset(), references=frozenset({f"user:{login}"}))
    _walk_refused(app, walk, caller, actor)


def _assert_nobody(app, walk, caller):
    for route in routes_of(app):
        address = route.named(real_ids(route, walk.rows))
        assert caller.ask(route.method, address).status_code == 401, route.address


def test_whose_account_is_disabled_is_nobody(app, walk, sign_in, rewrite):
    caller = sign_in(KEEPER)
    rewrite(ACCOUNT.c.id, KEEPER, disabled_at=OPENING)
    _assert_nobody(app, walk, caller)


@pytest.mark.clause("S2-6.4b")
def test_a_guest_whose_time_is_over_is_nobody(app, walk, sign_in, rewrite, clock):
    rewrite(ACCOUNT.c.id, KEEPER, kind="guest", guest_until=OPENING + timedelta(hours=1))
    caller = sign_in(KEEPER)
    assert caller.get("/api/v1/me").status_code == 200
    clock.advance(timedelta(hours=1))
    _assert_nobody(app, walk, caller)


def test_the_things_that_the_walk_asks_for_are_there_for_those_whom_they_are_for(
    app, walk, office, owner, sign_in
):
    with owner.session() as session:
        session.connection().execute(insert(MEMBERSHIP), _every_role(office, KEEPER))
    keeper = sign_in(KEEPER)
    seen = {}
    for route in routes_of(app):
        is_named = any(_source(route, name) for name in route.names)
        is_left_out = OF_FILES.search(route.address) or OF_TWO_AGENCIES.search(route.address)
        if route.method == "GET" and is_named and not is_left_out:
            address = route.named(real_ids(route, walk.rows))
            seen[route.address] = keeper.ask("GET", address, **walk.options(route)).status_code
    assert {address for address, status in seen.items() if status in {401, 403, 404}} == set(), seen

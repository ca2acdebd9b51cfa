"""The resources of the API and who may ask for each of their routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint

from service.api.accounts import accounts
from service.api.calendars import calendars
from service.api.deadlines import deadlines
from service.api.delegations import delegations
from service.api.dispatches import dispatches
from service.api.documents import documents
from service.api.dossiers import dossiers
from service.api.exchange import exchange
from service.api.health import health
from service.api.incidents import incidents
from service.api.instances import instances
from service.api.issuing_bodies import issuing_bodies
from service.api.messages import messages
from service.api.notices import notices
from service.api.organisation import organisation
from service.api.partners import partners
from service.api.processes import processes
from service.api.reference import reference
from service.api.resource import Resource
from service.api.sessions import sessions
from service.api.tasks import tasks
from service.http.access import OWN_ACCOUNT, PUBLIC, SIGNED_IN, Access, needs

RESOURCES: Final[tuple[Resource, ...]] = (
    sessions,
    organisation,
    accounts,
    issuing_bodies,
    delegations,
    tasks,
    deadlines,
    calendars,
    instances,
    messages,
    documents,
    dossiers,
    exchange,
    dispatches,
    notices,
    partners,
    processes,
    incidents,
)
PLAIN: Final[tuple[Blueprint, ...]] = (health, reference)
"""Blueprints that are no resources: they do not appear in the OpenAPI document."""

ACCESS: Final[Mapping[str, Access]] = {
    "health.live": PUBLIC,
    "health.ready": PUBLIC,
    "reference.openapi_json": PUBLIC,
    "reference.page": PUBLIC,
    "reference.stylesheet": PUBLIC,
    "sessions.log_in": PUBLIC,
    "sessions.log_out": OWN_ACCOUNT,
    "sessions.list_sessions": OWN_ACCOUNT,
    "sessions.end_session": OWN_ACCOUNT,
    "sessions.read_me": OWN_ACCOUNT,
    "sessions.change_password": OWN_ACCOUNT,
    "organisation.read_agency": needs("organisation.read"),
    "organisation.list_units": needs("organisation.read"),
    "organisation.list_people": needs("organisation.read"),
    "organisation.list_partners": needs("organisation.read"),
    "organisation.list_audit_events": needs("audit.read"),
    "accounts.list_accounts": needs("account.list"),
    "accounts.read_account": needs("account.list"),
    "accounts.create_account": needs("account.create", is_replayed=False),
    "accounts.disable_account": needs("account.disable"),
    "accounts.enable_account": needs("account.enable"),
    "accounts.reset_password": needs("account.reset_password", is_replayed=False),
    "accounts.grant_role": needs("membership.grant"),
    "issuing_bodies.list_bodies": needs("organisation.read"),
    "issuing_bodies.add_body": needs("issuing_body.keep"),
    "issuing_bodies.read_body": needs("organisation.read"),
    "issuing_bodies.change_body": needs("issuing_body.keep"),
    "issuing_bodies.start_term": needs("issuing_body.keep"),
    "issuing_bodies.close_body": needs("issuing_body.keep"),
    "delegations.list_delegations": needs("delegation.list"),
    "delegations.give_delegation": needs("delegation.list"),
    "delegations.read_delegation": needs("delegation.list"),
    "delegations.end_delegation": needs("delegation.list"),
    "tasks.list_tasks": SIGNED_IN,
    "tasks.read_task": SIGNED_IN,
    "tasks.claim_task": SIGNED_IN,
    "tasks.release_task": SIGNED_IN,
    "tasks.delegate_task": SIGNED_IN,
    "tasks.give_back_task": SIGNED_IN,
    "tasks.forward_task": SIGNED_IN,
    "tasks.save_draft": SIGNED_IN,
    "tasks.complete_task": SIGNED_IN,
    "tasks.comment_task": SIGNED_IN,
    "tasks.attach_file": Access(takes_files=True),
    "tasks.read_file": SIGNED_IN,
    "deadlines.read_deadline": SIGNED_IN,
    "deadlines.pause_deadline": SIGNED_IN,
    "deadlines.resume_deadline": SIGNED_IN,
    "deadlines.ask_extension": SIGNED_IN,
    "deadlines.decide_extension": needs("user_task.supervise"),
    "deadlines.urge_task": needs("user_task.supervise"),
    "calendars.list_days": needs("organisation.read"),
    "calendars.set_day": needs("calendar.keep"),
    "calendars.remove_day": needs("calendar.keep"),
    "calendars.fill_year": needs("calendar.keep"),
    "calendars.import_table": needs("calendar.keep"),
    "calendars.list_seasons": needs("organisation.read"),
    "calendars.add_season": needs("calendar.keep"),
    "calendars.remove_season": needs("calendar.keep"),
    "calendars.preview_deadlines": needs("calendar.keep"),
    "calendars.recompute_deadlines": needs("calendar.keep"),
    "instances.list_instances": SIGNED_IN,
    "instances.start_instance": needs("instance.start"),
    "instances.read_instance": SIGNED_IN,
    "instances.read_timeline": SIGNED_IN,
    "instances.suspend_instance": needs("instance.suspend"),
    "instances.resume_instance": needs("instance.suspend"),
    "instances.terminate_instance": needs("instance.terminate"),
    "instances.set_variables": needs("instance.supervise"),
    "messages.send_message": needs("signal.broadcast"),
    "messages.send_signal": needs("signal.broadcast"),
    "processes.list_definitions": needs("definition.read"),
    "processes.read_definition": needs("definition.read"),
    "processes.list_files": needs("definition.deploy"),
    "processes.read_file": needs("definition.deploy"),
    "processes.deploy": needs("definition.deploy", takes_files=True),
    "processes.check_bundle": needs("definition.deploy", takes_files=True),
    "processes.activate": needs("definition.activate"),
    "processes.deactivate": needs("definition.activate"),
    "processes.roll_back": needs("definition.activate"),
    "documents.list_documents": SIGNED_IN,
    "documents.enter_document": needs("document.receive", takes_files=True),
    "documents.read_document": SIGNED_IN,
    "documents.read_file": SIGNED_IN,
    "dossiers.list_dossiers": SIGNED_IN,
    "dossiers.open_dossier": SIGNED_IN,
    "dossiers.read_dossier": SIGNED_IN,
    "dossiers.close_dossier": SIGNED_IN,
    "exchange.take_packet": Access(takes_files=True),
    "notices.list_notices": SIGNED_IN,
    "notices.read_notice": SIGNED_IN,
    "notices.read_all": SIGNED_IN,
    "notices.read_preference": SIGNED_IN,
    "notices.change_preference": SIGNED_IN,
    "dispatches.list_dispatches": needs("dispatch.list"),
    "dispatches.retry_dispatch": needs("dispatch.retry"),
    "partners.add_partner": needs("partner.keep"),
    "partners.change_partner": needs("partner.keep"),
    "incidents.list_incidents": needs("incident.read"),
    "incidents.read_incident": needs("incident.read"),
    "incidents.retry_incident": needs("incident.resolve"),
    "incidents.skip_incident": needs("incident.resolve"),
}

"""The resources of the API and who may ask for each of their routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint

from service.api.access_requests import access_requests
from service.api.accounts import accounts
from service.api.calendars import calendars
from service.api.deadlines import deadlines
from service.api.delegations import delegations
from service.api.dispatches import dispatches
from service.api.documents import documents
from service.api.dossiers import dossiers
from service.api.exchange import exchange
from service.api.guests import guests
from service.api.health import health
from service.api.incidents import incidents
from service.api.instances import instances
from service.api.issuing_bodies import issuing_bodies
from service.api.messages import messages
from service.api.notices import notices
from service.api.numbers import numbers
from service.api.organisation import organisation
from service.api.partners import partners
from service.api.posts import posts
from service.api.passkeys import passkeys
from service.api.processes import processes
from service.api.reference import reference
from service.api.registers import registers
from service.api.resource import Resource
from service.api.second_factors import second_factors
from service.api.sessions import sessions
from service.api.signing import signing
from service.api.signing_keys import signing_keys
from service.api.slips import slips
from service.api.tasks import tasks
from service.http.access import OWN_ACCOUNT, PUBLIC, Access, needs

RESOURCES: Final[tuple[Resource, ...]] = (
    sessions,
    second_factors,
    passkeys,
    organisation,
    accounts,
    posts,
    guests,
    issuing_bodies,
    delegations,
    tasks,
    deadlines,
    calendars,
    instances,
    messages,
    documents,
    access_requests,
    dossiers,
    signing,
    signing_keys,
    numbers,
    registers,
    exchange,
    dispatches,
    notices,
    partners,
    processes,
    incidents,
    slips,
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
    "sessions.show_factor": PUBLIC,
    "sessions.login_options": PUBLIC,
    "sessions.log_out": OWN_ACCOUNT,
    "sessions.list_sessions": OWN_ACCOUNT,
    "sessions.end_session": OWN_ACCOUNT,
    "sessions.read_me": OWN_ACCOUNT,
    "sessions.change_password": OWN_ACCOUNT,
    "second_factors.step_up": OWN_ACCOUNT,
    "second_factors.step_up_options": OWN_ACCOUNT,
    "second_factors.read_factors": OWN_ACCOUNT,
    "second_factors.enrol_totp": OWN_ACCOUNT,
    "second_factors.confirm_totp": OWN_ACCOUNT,
    "second_factors.remove_totp": OWN_ACCOUNT,
    "second_factors.renew_recovery_codes": OWN_ACCOUNT,
    "second_factors.reset_factors": needs("account.reset_second_factor"),
    "passkeys.list_passkeys": OWN_ACCOUNT,
    "passkeys.begin_registration": OWN_ACCOUNT,
    "passkeys.finish_registration": OWN_ACCOUNT,
    "passkeys.rename_passkey": OWN_ACCOUNT,
    "passkeys.remove_passkey": OWN_ACCOUNT,
    "organisation.read_agency": needs("organisation.read"),
    "organisation.change_agency": needs("agency.change"),
    "organisation.list_agencies": needs("agency.list_below"),
    "organisation.create_agency": needs("agency.create"),
    "organisation.create_unit": needs("unit.create"),
    "organisation.change_unit": needs("unit.change"),
    "organisation.close_unit": needs("unit.change"),
    "organisation.review_rights": needs("rights.review"),
    "organisation.review_all_rights": needs("rights.review_all"),
    "organisation.list_units": needs("organisation.read"),
    "organisation.list_people": needs("organisation.read"),
    "organisation.list_partners": needs("organisation.read"),
    "organisation.list_audit_events": needs("audit.read"),
    "accounts.list_accounts": needs("account.list"),
    "accounts.read_account": needs("account.list"),
    "accounts.create_account": needs("account.create", is_replayed=False),
    "accounts.create_agency_account": needs("account.create", is_replayed=False),
    "accounts.change_account": needs("account.change"),
    "accounts.lock_own_account": OWN_ACCOUNT,
    "accounts.disable_account": needs("account.disable"),
    "accounts.enable_account": needs("account.enable"),
    "accounts.reset_password": needs("account.reset_password", is_replayed=False),
    "accounts.grant_role": needs("membership.grant"),
    "posts.list_posts": needs("organisation.read"),
    "posts.create_post": needs("post.keep"),
    "posts.read_post": needs("organisation.read"),
    "posts.change_post": needs("post.keep"),
    "posts.close_post": needs("post.keep"),
    "posts.take_post": needs("post.keep"),
    "posts.preview_rights": needs("post.keep"),
    "posts.leave_post": needs("post.keep"),
    "guests.list_guests": needs("guest.admit"),
    "guests.admit_guest": needs("guest.admit", is_replayed=False),
    "guests.move_end": needs("guest.admit"),
    "guests.end_guest": needs("guest.admit"),
    "issuing_bodies.list_bodies": needs("organisation.read"),
    "issuing_bodies.add_body": needs("issuing_body.keep"),
    "issuing_bodies.read_body": needs("organisation.read"),
    "issuing_bodies.change_body": needs("issuing_body.keep"),
    "issuing_bodies.start_term": needs("issuing_body.keep"),
    "issuing_bodies.close_body": needs("issuing_body.keep"),
    "delegations.list_delegations": needs("delegation.list"),
    "delegations.give_delegation": needs("delegation.give"),
    "delegations.read_delegation": needs("delegation.read"),
    "delegations.end_delegation": needs("delegation.revoke"),
    "tasks.list_tasks": needs("user_task.list"),
    "tasks.read_task": needs("user_task.see"),
    "tasks.claim_task": needs("user_task.claim"),
    "tasks.release_task": needs("user_task.release"),
    "tasks.delegate_task": needs("user_task.delegate"),
    "tasks.give_back_task": needs("user_task.give_back"),
    "tasks.forward_task": needs("user_task.forward"),
    "tasks.save_draft": needs("user_task.save_draft"),
    "tasks.complete_task": needs("user_task.complete"),
    "tasks.comment_task": needs("user_task.comment"),
    "tasks.attach_file": needs("user_task.comment", takes_files=True),
    "tasks.read_file": needs("user_task.see"),
    "deadlines.read_deadline": needs("user_task.see"),
    "deadlines.pause_deadline": needs("deadline.pause"),
    "deadlines.resume_deadline": needs("deadline.pause"),
    "deadlines.ask_extension": needs("deadline.ask_extension"),
    "deadlines.decide_extension": needs("deadline.extend"),
    "deadlines.urge_task": needs("deadline.urge"),
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
    "instances.list_instances": needs("instance.read"),
    "instances.start_instance": needs("instance.start"),
    "instances.read_instance": needs("instance.read"),
    "instances.read_timeline": needs("instance.read"),
    "instances.suspend_instance": needs("instance.suspend"),
    "instances.resume_instance": needs("instance.resume"),
    "instances.terminate_instance": needs("instance.terminate"),
    "instances.set_variables": needs("instance.set_variables"),
    "messages.send_message": needs("message.send"),
    "messages.send_signal": needs("signal.broadcast"),
    "processes.list_definitions": needs("definition.read"),
    "processes.read_definition": needs("definition.read"),
    "processes.list_files": needs("definition.deploy"),
    "processes.read_file": needs("definition.deploy"),
    "processes.deploy": needs("definition.deploy", takes_files=True),
    "processes.check_bundle": needs("definition.deploy", takes_files=True),
    "processes.activate": needs("definition.activate"),
    "processes.deactivate": needs("definition.deactivate"),
    "processes.roll_back": needs("definition.activate"),
    "documents.list_documents": needs("document.read"),
    "documents.enter_document": needs("document.receive", takes_files=True),
    "documents.read_document": needs("document.read"),
    "documents.read_file": needs("document.read"),
    "access_requests.list_requests": needs("access_request.ask"),
    "access_requests.ask_access": needs("access_request.ask"),
    "access_requests.read_request": needs("access_request.read"),
    "access_requests.withdraw_request": needs("access_request.withdraw"),
    "dossiers.list_dossiers": needs("dossier.read"),
    "dossiers.open_dossier": needs("dossier.open"),
    "dossiers.read_dossier": needs("dossier.read"),
    "dossiers.close_dossier": needs("dossier.close"),
    "signing.give_consent": needs("signing_consent.give", is_replayed=False),
    "signing.give_signature": needs("signing_consent.give", is_replayed=False),
    "signing.read_signatures": needs("document.read"),
    "signing_keys.list_keys": needs("signing_key.own"),
    "signing_keys.register_key": needs("signing_key.own", is_replayed=False),
    "signing_keys.read_key": needs("signing_key.own"),
    "signing_keys.change_image": needs("signing_key.own"),
    "signing_keys.disable_key": needs("signing_key.own"),
    "numbers.reserve_number": needs("register.reserve"),
    "numbers.void_number": needs("register.void"),
    "numbers.read_scheme": needs("number_scheme.read"),
    "numbers.choose_scheme": needs("number_scheme.keep"),
    "registers.list_registers": needs("register.read"),
    "registers.read_register": needs("register.read"),
    "registers.list_lines": needs("register.read"),
    "registers.list_prints": needs("register.read"),
    "registers.print_range": needs("register.print"),
    "registers.close_register": needs("register.close"),
    "registers.read_print": needs("register.read"),
    "registers.read_print_file": needs("register.read"),
    "registers.bind_print": needs("register.print"),
    "registers.correct_line": needs("register.correct"),
    "exchange.take_packet": needs("packet.receive", takes_files=True),
    "notices.list_notices": needs("notice.own"),
    "notices.read_notice": needs("notice.own"),
    "notices.read_all": needs("notice.own"),
    "notices.read_preference": needs("notice.own"),
    "notices.change_preference": needs("notice.own"),
    "dispatches.list_dispatches": needs("dispatch.list"),
    "dispatches.retry_dispatch": needs("dispatch.retry"),
    "partners.add_partner": needs("partner.keep"),
    "partners.change_partner": needs("partner.keep"),
    "incidents.list_incidents": needs("incident.read"),
    "incidents.read_incident": needs("incident.read"),
    "incidents.retry_incident": needs("incident.resolve"),
    "incidents.skip_incident": needs("incident.resolve"),
    "slips.list_slips": needs("slip.list"),
    "slips.read_slip": needs("slip.list"),
    "slips.read_file": needs("slip.list"),
    "slips.withdraw_slip": needs("slip.list"),
}

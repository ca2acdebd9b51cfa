"""Keys for demonstrations: an authority of our own, keys of the demonstration's leaders, seals of its bodies.

Everything is real but the trust: every certificate says TEST, and what is signed with it has no legal value.
The keys lie under ``var/keys``, locked with a passphrase beside them; the verifier's trust in ``var/trust``.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, text

from handlers.signing.demo_authority import DemoAuthority, Holder, write_secret
from handlers.signing.demo_images import draw_seal, draw_signature
from handlers.signing.key_ring import COMMON_PASSPHRASE, typefaces
from handlers.signing.keys import Pkcs12Key
from service.actions.key_claims import KeyOwner
from service.actions.signing_keys import NewKey, insert_key
from service.config import Settings
from service.demo import PLANS, AgencyPlan
from service.domain.actors import system_actor
from service.queries.issuing_bodies import BODY
from service.queries.organisation import ACCOUNT
from service.queries.signing_keys import KEY
from service.storage.blobs import BlobStore
from service.storage.database import Database
from service.storage.unit_of_work import UnitOfWork

SIGNING_ROLES: Final = frozenset({"leader", "head_of_office", "unit_head"})
"""Whoever holds one of these in a demonstration gets a key."""

_AUTHORITY: Final = "authority"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What keys are made with: the authority, where they go, and the passphrase that locks them."""

    authority: DemoAuthority
    key_dir: Path
    passphrase: str
    blobs: BlobStore


def set_up_demo_keys(settings: Settings, owner: Database, plans: Sequence[AgencyPlan] = PLANS) -> int:
    """Give the demonstration's leaders and bodies keys that they do not have yet; return how many were made.

    The lists of revoked certificates are written anew each time: they are good for thirty days.

    Args:
        settings: of the deployment.
        owner: units of work under the owner role.
        plans: the demonstration offices; those that were not loaded are left alone.
    """
    desk = _open_desk(settings, owner)
    agencies = _agencies(owner)
    made = 0
    for plan in plans:
        if plan.code in agencies:
            with owner.unit_of_work(system_actor(agencies[plan.code], plan.code)) as unit:
                made += _give_keys(unit, desk, plan)
    return made


def _open_desk(settings: Settings, owner: Database) -> _Desk:
    places = settings.signing_places
    assert places.key_dir is not None
    assert places.trust_dir is not None
    places.key_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = owner.clock.now()
    lock = places.key_dir / COMMON_PASSPHRASE
    if not lock.exists():
        write_secret(lock, secrets.token_urlsafe(24).encode())
    passphrase = lock.read_text(encoding="utf-8").strip()
    folder = places.key_dir / _AUTHORITY
    if folder.is_dir():
        authority = DemoAuthority.load(folder, passphrase, now)
    else:
        authority = DemoAuthority.create(now)
        authority.save(folder, passphrase, now)
    authority.save_trust(places.trust_dir, now)
    return _Desk(
        authority, places.key_dir, passphrase, BlobStore(settings.blob_dir, settings.upload_limit_bytes)
    )


def _agencies(owner: Database) -> dict[str, UUID]:
    with owner.session() as session:
        rows = session.execute(text("SELECT agency_id, agency_code FROM list_agencies()")).all()
    return {row.agency_code: row.agency_id for row in rows}


def _give_keys(unit: UnitOfWork, desk: _Desk, plan: AgencyPlan) -> int:
    wanted = {person.login for person in plan.people if SIGNING_ROLES & {role for role, _ in person.held}}
    made = 0
    agency_id = unit.actor.agency_id  # the owner role sees the rows of every agency
    people = select(ACCOUNT).where(ACCOUNT.c.agency_id == agency_id).order_by(ACCOUNT.c.login)
    for row in unit.session.execute(people).all():
        if row.login in wanted and not _has_key(unit, KEY.c.account_id == row.id):
            holder = desk.authority.issue_person(row.full_name, plan.name)
            owner = KeyOwner(row.id, None, row.full_name)
            _store(unit, desk, f"{plan.code}.{row.login}", owner, holder)
            made += 1
    bodies = select(BODY).where(BODY.c.agency_id == agency_id).order_by(BODY.c.code)
    for row in unit.session.execute(bodies).all():
        if not _has_key(unit, KEY.c.issuing_body_id == row.id):
            holder = desk.authority.issue_agency(row.name, plan.organ_id)
            _store(unit, desk, f"{plan.code}.seal.{row.code}", KeyOwner(None, row.id, row.name), holder)
            made += 1
    return made


def _has_key(unit: UnitOfWork, condition: ColumnElement[bool]) -> bool:
    statement = select(KEY.c.id).where(condition)
    return unit.session.execute(statement.limit(1)).first() is not None


def _store(unit: UnitOfWork, desk: _Desk, reference: str, owner: KeyOwner, holder: Holder) -> None:
    packed = desk.authority.pack(holder, desk.passphrase)
    write_secret(desk.key_dir / f"{reference}.p12", packed)
    certificate = Pkcs12Key.open(packed, desk.passphrase).certificate
    is_seal = owner.issuing_body_id is not None
    image = draw_seal(owner.name, typefaces().upright.path) if is_seal else draw_signature(owner.name)
    stored = desk.blobs.put(unit, BytesIO(image))
    insert_key(unit, owner, NewKey("pkcs12", reference=reference), certificate, stored.sha256)

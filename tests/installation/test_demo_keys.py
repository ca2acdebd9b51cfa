"""Keys of a demonstration: made once for its leaders and bodies, marked TEST, trusted by the verifier here."""

from __future__ import annotations

import stat

from sqlalchemy import select

from handlers.signing.belonging import check_trusted
from handlers.signing.key_ring import COMMON_PASSPHRASE, certificate_of, open_registered
from service.actions.issuing_bodies import NewBody
from service.config import Settings
from service.demo import AgencyPlan, PersonPlan, load_demo
from service.demo_keys import set_up_demo_keys
from service.domain.actors import system_actor
from service.queries.issuing_bodies import BODY
from service.queries.organisation import ACCOUNT
from service.queries.signing_keys import KEY
from service.storage.database import Database
from service.storage.models import Agency, table_of

SMALL = AgencyPlan(
    code="nho",
    name="Văn phòng nhỏ (mẫu)",
    side="state",
    organ_id="H99.01",
    units=(("vp", "Văn phòng"),),
    people=(
        PersonPlan("nho.chanhvp", "Đỗ Văn Một", "Chánh Văn phòng", (("head_of_office", None),)),
        PersonPlan("nho.cv", "Đỗ Thị Hai", "Chuyên viên", (("specialist", "vp"),)),
    ),
    bodies=(NewBody("vp", "Văn phòng nhỏ", "VPN", "state", "Sông Hồng"),),
)


def keys_of(owner: Database) -> list:
    with owner.session() as session:
        agency = session.execute(select(table_of(Agency)).where(table_of(Agency).c.code == "nho")).one()
    with owner.unit_of_work(system_actor(agency.id, "nho")) as unit:
        statement = (
            select(KEY, ACCOUNT.c.login, BODY.c.code)
            .outerjoin(ACCOUNT, ACCOUNT.c.id == KEY.c.account_id)
            .outerjoin(BODY, BODY.c.id == KEY.c.issuing_body_id)
        )
        return list(unit.session.execute(statement.order_by(KEY.c.created_at, KEY.c.reference)))


def test_leaders_and_bodies_of_a_demonstration_get_keys_once(owner: Database, settings: Settings) -> None:
    load_demo(owner, [SMALL])
    assert set_up_demo_keys(settings, owner, [SMALL]) == 2
    assert set_up_demo_keys(settings, owner, [SMALL]) == 0
    keys = keys_of(owner)
    assert sorted((key.login, key.code) for key in keys if key.login) == [("nho.chanhvp", None)]
    assert [key.code for key in keys if not key.login] == ["vp"]
    assert all(key.is_test and key.image_sha256 for key in keys)


def test_demonstration_keys_open_and_are_trusted_here(owner: Database, settings: Settings) -> None:
    load_demo(owner, [SMALL])
    set_up_demo_keys(settings, owner, [SMALL])
    places = settings.signing_places
    for row in keys_of(owner):
        assert open_registered(row, places).certificate.fingerprint == row.fingerprint
        check_trusted(certificate_of(row), places.trust_dir, owner.clock.now())


def test_only_the_houses_account_can_read_the_keys(owner: Database, settings: Settings) -> None:
    load_demo(owner, [SMALL])
    set_up_demo_keys(settings, owner, [SMALL])
    folder = settings.signing_places.key_dir
    assert folder is not None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secret = [folder / COMMON_PASSPHRASE, *folder.glob("*.p12"), *(folder / "authority").glob("*.p12")]
    assert len(secret) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_offices_that_were_not_loaded_get_no_keys(owner: Database, settings: Settings) -> None:
    assert set_up_demo_keys(settings, owner, [SMALL]) == 0

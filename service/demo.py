"""A demonstration: a provincial Party office with its people, a commune under it, a State office beside it.

Loaded once into an installation that is meant for looking around; names and offices are made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from service.actions.accounts import create_account, reset_password
from service.actions.issuing_bodies import NewBody, add_issuing_body
from service.actions.memberships import grant_assistance, grant_role
from service.actions.organisation import create_unit, found_agency
from service.actions.partners import add_partner
from service.domain.actors import Actor, system_actor
from service.domain.passwords import initial_password
from service.domain.permissions import Held
from service.queries.issuing_bodies import list_issuing_bodies
from service.storage.database import Database
from service.storage.migrations.operations import RUNTIME_ROLE
from service.storage.models import Agency, table_of
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """A person of a demonstration office and the roles they hold."""

    login: str
    full_name: str
    position: str
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class AgencyPlan:
    """A demonstration office.

    Attributes:
        units: code and name.
        aides: aide's login and leader's login.
        partners: organ id and name.
        bodies: in whose name it issues documents.
    """

    code: str
    name: str
    side: str
    organ_id: str
    units: tuple[tuple[str, str], ...]
    people: tuple[PersonPlan, ...]
    aides: tuple[tuple[str, str], ...] = ()
    partners: tuple[tuple[str, str], ...] = ()
    bodies: tuple[NewBody, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What was loaded.

    Attributes:
        password: of every demonstration account, or None when they were there already.
        people: in the order of the plan.
    """

    password: str | None
    people: tuple[PersonPlan, ...]


_TERM_FROM_ON: Final = date(2025, 10, 1)
_PROVINCE: Final = "Sông Hồng"

PARTY_OFFICE: Final = AgencyPlan(
    code="vptu",
    name="Văn phòng Tỉnh ủy (mẫu)",
    side="party",
    organ_id="A01.01.00",
    units=(
        ("van_thu", "Bộ phận Văn thư - Lưu trữ"),
        ("tong_hop", "Phòng Tổng hợp"),
        ("hanh_chinh", "Phòng Hành chính - Quản trị"),
        ("co_yeu", "Phòng Cơ yếu - Công nghệ thông tin"),
    ),
    people=(
        PersonPlan("vanthu", "Nguyễn Thị Lan", "Văn thư cơ quan", (("clerk", "van_thu"),)),
        PersonPlan("vanthu2", "Đỗ Thị Hạnh", "Văn thư cơ quan", (("clerk", "van_thu"),)),
        PersonPlan(
            "chanhvp", "Trần Văn Minh", "Chánh Văn phòng", (("head_of_office", None), ("leader", None))
        ),
        PersonPlan("phochanhvp", "Lê Thị Hương", "Phó Chánh Văn phòng", (("leader", None),)),
        PersonPlan("troly", "Phạm Quốc Anh", "Trợ lý Chánh Văn phòng", (("aide", None),)),
        PersonPlan("tp.tonghop", "Hoàng Đức Thắng", "Trưởng phòng Tổng hợp", (("unit_head", "tong_hop"),)),
        PersonPlan("cv.tonghop1", "Vũ Ngọc Mai", "Chuyên viên", (("specialist", "tong_hop"),)),
        PersonPlan("cv.tonghop2", "Bùi Quang Huy", "Chuyên viên", (("specialist", "tong_hop"),)),
        PersonPlan("vt.tonghop", "Đặng Thu Thủy", "Văn thư phòng", (("unit_clerk", "tong_hop"),)),
        PersonPlan("tp.hanhchinh", "Ngô Xuân Trường", "Trưởng phòng", (("unit_head", "hanh_chinh"),)),
        PersonPlan("cv.hanhchinh1", "Dương Thị Yến", "Chuyên viên", (("specialist", "hanh_chinh"),)),
        PersonPlan("vt.hanhchinh", "Lý Minh Châu", "Văn thư phòng", (("unit_clerk", "hanh_chinh"),)),
        PersonPlan("tp.coyeu", "Trịnh Công Hải", "Trưởng phòng", (("unit_head", "co_yeu"),)),
        PersonPlan("cv.coyeu1", "Phan Văn Khánh", "Chuyên viên", (("specialist", "co_yeu"),)),
        PersonPlan("quantri", "Mai Anh Tuấn", "Quản trị hệ thống", (("admin", None),)),
        PersonPlan("phantich", "Hồ Bích Ngọc", "Phân tích quy trình", (("analyst", None),)),
        PersonPlan("giamsat", "Cao Thanh Tùng", "Giám sát", (("supervisor", None),)),
    ),
    aides=(("troly", "chanhvp"),),
    partners=(
        ("A01.02.00", "Ban Tổ chức Tỉnh ủy (mẫu)"),
        ("A01.03.00", "Ban Tuyên giáo và Dân vận Tỉnh ủy (mẫu)"),
        ("A01.10.00", "Đảng ủy xã Đông Sơn (mẫu)"),
        ("H01.01.00", "Văn phòng Ủy ban nhân dân tỉnh (mẫu)"),
    ),
    bodies=(
        NewBody(
            "vptu",
            "Văn phòng Tỉnh ủy",
            "VPTU",
            "party",
            _PROVINCE,
            "TỈNH ỦY SÔNG HỒNG",
            "2025-2030",
            _TERM_FROM_ON,
        ),
        NewBody("tinhuy", "Tỉnh ủy Sông Hồng", "TU", "party", _PROVINCE, "", "2025-2030", _TERM_FROM_ON),
    ),
)
"""The office that most demonstrations and tests play in."""

COMMUNE_OFFICE: Final = AgencyPlan(
    code="dongson",
    name="Văn phòng Đảng ủy xã Đông Sơn (mẫu)",
    side="party",
    organ_id="A01.10.00",
    units=(("van_phong", "Văn phòng Đảng ủy"),),
    people=(
        PersonPlan("dongson.vanthu", "Nguyễn Văn Phúc", "Văn thư", (("clerk", "van_phong"),)),
        PersonPlan("dongson.bithu", "Lương Thị Hòa", "Bí thư Đảng ủy", (("leader", None),)),
        PersonPlan(
            "dongson.chanhvp",
            "Tạ Đình Long",
            "Chánh Văn phòng",
            (("head_of_office", None), ("unit_head", "van_phong")),
        ),
        PersonPlan("dongson.cv", "Chu Thị Hiền", "Chuyên viên", (("specialist", "van_phong"),)),
        PersonPlan("dongson.quantri", "Đinh Trọng Nghĩa", "Quản trị hệ thống", (("admin", None),)),
    ),
    partners=(("A01.01.00", "Văn phòng Tỉnh ủy (mẫu)"),),
    bodies=(
        NewBody(
            "danguy",
            "Đảng ủy xã Đông Sơn",
            "ĐU",
            "party",
            "Đông Sơn",
            "ĐẢNG BỘ TỈNH SÔNG HỒNG",
            "2025-2030",
            date(2025, 7, 1),
        ),
    ),
)
"""A second office, which must never see anything of the first."""

STATE_OFFICE: Final = AgencyPlan(
    code="vpubnd",
    name="Văn phòng UBND tỉnh (mẫu)",
    side="state",
    organ_id="H01.01.00",
    units=(("hanh_chinh", "Phòng Hành chính - Tổ chức"), ("noi_chinh", "Phòng Nội chính - Tổng hợp")),
    people=(
        PersonPlan("ubnd.vanthu", "Nguyễn Thị Thảo", "Văn thư", (("clerk", "hanh_chinh"),)),
        PersonPlan("ubnd.lanhdao", "Đoàn Quang Vinh", "Phó Chủ tịch Ủy ban nhân dân", (("leader", None),)),
        PersonPlan(
            "ubnd.chanhvp", "Lại Thị Nga", "Chánh Văn phòng", (("head_of_office", None), ("leader", None))
        ),
        PersonPlan("ubnd.tp", "Quách Văn Đạt", "Trưởng phòng", (("unit_head", "noi_chinh"),)),
        PersonPlan("ubnd.cv", "Kiều Thanh Hà", "Chuyên viên", (("specialist", "noi_chinh"),)),
        PersonPlan("ubnd.quantri", "Vương Đình Lâm", "Quản trị hệ thống", (("admin", None),)),
    ),
    partners=(("A01.01.00", "Văn phòng Tỉnh ủy (mẫu)"),),
    bodies=(
        NewBody("ubnd", "Ủy ban nhân dân tỉnh Sông Hồng", "UBND", "state", _PROVINCE),
        NewBody("vp", "Văn phòng", "VP", "state", _PROVINCE, "ỦY BAN NHÂN DÂN TỈNH SÔNG HỒNG"),
    ),
)
"""An office of the State side, which numbers by calendar year."""

PLANS: Final = (PARTY_OFFICE, COMMUNE_OFFICE, STATE_OFFICE)


def load_demo(
    owner: Database,
    plans: Sequence[AgencyPlan] = PLANS,
    password: str | None = None,
    *,
    renew_passwords: bool = False,
) -> DemoResult:
    """Load the demonstration offices that are not there yet.

    Args:
        owner: units of work under the owner role, which alone may found an agency.
        plans: what to load.
        password: for every account; None = a random one.
        renew_passwords: also give the accounts that are there already the new password.

    Returns:
        The people, and the password if any account was given one.
    """
    chosen = password or initial_password()
    was_given = False
    for plan in plans:
        agency_id = _find(owner, plan.code)
        if agency_id is None:
            _found(owner, plan, chosen)
            was_given = True
            continue
        _add_missing_bodies(owner, system_actor(agency_id, plan.code), plan)
        if renew_passwords:
            with _as_runtime_role(owner, system_actor(agency_id, plan.code)) as unit:
                for person in plan.people:
                    reset_password(unit, person.login, password=chosen)
            was_given = True
    people = tuple(person for plan in plans for person in plan.people)
    return DemoResult(chosen if was_given else None, people)


def _find(owner: Database, code: str) -> UUID | None:
    agency = table_of(Agency)
    with owner.session() as session:
        found: UUID | None = session.execute(select(agency.c.id).where(agency.c.code == code)).scalar()
    return found


def _found(owner: Database, plan: AgencyPlan, password: str) -> None:
    actor = found_agency(owner, plan.code, plan.name, plan.side, plan.organ_id)
    with _as_runtime_role(owner, actor) as unit:
        for code, name in plan.units:
            create_unit(unit, code, name)
        _add_people(unit, plan, password)
        for organ_id, name in plan.partners:
            add_partner(unit, organ_id, name)
        for body in plan.bodies:
            add_issuing_body(unit, body)


def _add_missing_bodies(owner: Database, actor: Actor, plan: AgencyPlan) -> None:
    """Give an office that an earlier release loaded the issuing bodies that it had not yet."""
    with _as_runtime_role(owner, actor) as unit:
        known = {body.code for body in list_issuing_bodies(unit, with_closed=True)}
        for body in plan.bodies:
            if body.code not in known:
                add_issuing_body(unit, body)


@contextmanager
def _as_runtime_role(owner: Database, actor: Actor) -> Iterator[UnitOfWork]:
    """Open a unit of work that sees the actor's agency only, as the owner role would not."""
    with owner.unit_of_work(actor) as unit:
        unit.session.execute(text(f"SET LOCAL ROLE {RUNTIME_ROLE}"))
        yield unit


def _add_people(unit: UnitOfWork, plan: AgencyPlan, password: str) -> None:
    for person in plan.people:
        create_account(unit, person.login, person.full_name, person.position, password=password)
        for role, unit_code in person.held:
            grant_role(unit, person.login, role, unit_code)
    for aide, leader in plan.aides:
        grant_assistance(unit, aide, leader)

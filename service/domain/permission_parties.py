"""The parties of the permission table: roles, relations, authorities; and what a row of it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Role = str
Party = str
Authority = Literal["assign", "supervise", "allow_issue", "administration"]

ROLES: Final[Mapping[Role, tuple[str, str]]] = MappingProxyType(
    {
        "admin": ("Quản trị hệ thống", "Administrator"),
        "analyst": ("Phân tích quy trình", "Process analyst"),
        "supervisor": ("Giám sát", "Supervisor"),
        "clerk": ("Văn thư cơ quan", "Agency clerk"),
        "unit_clerk": ("Văn thư đơn vị", "Unit clerk"),
        "leader": ("Lãnh đạo cơ quan", "Agency leader"),
        "aide": ("Người giúp việc lãnh đạo", "Leader's aide"),
        "unit_head": ("Trưởng đơn vị", "Head of unit"),
        "head_of_office": ("Chánh Văn phòng", "Head of office"),
        "specialist": ("Chuyên viên", "Specialist"),
    },
)
"""Every role with its Vietnamese and English name."""

RELATIONS: Final[Mapping[Party, tuple[str, str]]] = MappingProxyType(
    {
        "person": ("Người đã đăng nhập", "whoever is signed in"),
        "system": ("Hệ thống", "the system itself: timers, jobs, exchange"),
        "owner": ("Người đang xử lý", "who has the task, by their own right"),
        "stand_in": ("Người được giao làm hộ", "who has the task from another, to give it back"),
        "lender": ("Người giao làm hộ", "who let another do the task"),
        "eligible": ("Người có thể xử lý", "a potential owner, whoever has the task"),
        "candidate": ("Người có thể nhận", "a potential owner while nobody has the task"),
        "worker": ("Người đã hoàn thành", "who completed the task"),
        "aide_of_owner": ("Người giúp việc của người xử lý", "an aide of the leader whose task it is"),
        "principal": ("Người được nhập thay", "the one on whose behalf it was completed"),
        "overseer": (
            "Lãnh đạo theo dõi",
            "a leader or head of office, of what is not secret",
        ),
        "head_over": (
            "Trưởng đơn vị của người xử lý",
            "the head of the unit that has the task, of what is not secret",
        ),
        "assigner": ("Người giao việc", "who gave the work"),
        "monitor": ("Người theo dõi nhiệm vụ", "who watches over the assignment for its giver"),
        "performer": ("Người, đơn vị chủ trì thực hiện", "who carries the assignment out"),
        "coordinator": ("Người, đơn vị phối hợp", "who assists in carrying the assignment out"),
        "aide_of_party": (
            "Người giúp việc của lãnh đạo liên quan",
            "an aide of a leader who has a part in the assignment",
        ),
        "deputy": (
            "Người được ủy quyền giao việc",
            "who holds an order to assign of somebody who has a part in the assignment",
        ),
        "creator": ("Người lập", "who made it"),
        "submitter": ("Người trình", "who submitted the slip"),
        "giver": ("Người ủy quyền", "who gave the authority"),
        "issuer": ("Người ủy quyền lại", "who passed the authority on"),
        "receiver": ("Người được ủy quyền", "who was given the authority"),
        "entrant": ("Người nhập văn bản", "who entered the document"),
        "handler": ("Người xử lý văn bản", "who has or had a task of its process, or may take one"),
        "directed": (
            "Người, đơn vị được chuyển văn bản",
            "whom it was directed to: to lead, assist or know, or for work given from it",
        ),
        "drafter": ("Người soạn thảo", "who drafts the document"),
        "signer": ("Người ký", "who is to sign the document or has signed it"),
        "asker": ("Người đề nghị", "who asked for access"),
        "audience": ("Người được xem văn bản công khai", "everyone of the agency, once it is published"),
        "visitor": ("Người được cho phép xem có thời hạn", "who holds a timed grant in force"),
        "downloader": ("Người được cho phép tải về có thời hạn", "who holds one that covers downloading"),
    },
)
"""Every party that is no role."""

AUTHORITIES: Final[Mapping[Authority, tuple[str, str]]] = MappingProxyType(
    {
        "assign": ("Giao việc, xử lý", "assigning and handling work"),
        "supervise": ("Theo dõi, giám sát", "supervising"),
        "allow_issue": ("Cho phép phát hành", "allowing documents to be issued"),
        "administration": ("Quản trị", "administration"),
    },
)
"""What an order may hand to another person (S4-7c, S4-12.1). Signing is not among them and never will be."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the table.

    Attributes:
        parties: who may, besides those who act for one of them.
        states: of the object; empty = the row is about no object's state.
        authority: what an order must hand over to stand in for a role here; None = no order does.
        for_owner: whether who stands in for a task's owner by an order may do it.
    """

    parties: frozenset[Party]
    states: frozenset[str] = frozenset()
    authority: Authority | None = None
    for_owner: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """The roles among the parties."""
        return self.parties & ROLES.keys()


ANY: Final = frozenset(ROLES)
"""Whoever holds any role in the agency on that day."""

"""Writes ``docs/permissions.md`` from the permission table itself, so that the page cannot fall behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from service.domain.permission_table import ANY, AUTHORITIES, PERMISSIONS, RELATIONS, ROLES, Permission

_HEAD: Final = """# Who may do what

Written by `python -m service.domain.permission_handbook`; a test compares it with the code.

One function decides (`service/domain/permissions.py`, `decide`) over one table (`permission_table.py`):
which **party** may do which **action** while the object is in which **state**. What the table does not name
is refused, and every route of the API but the public ones names an action of it. An action that names an
**authority** may also be done by whoever holds an order in force that hands this authority over, given by
someone with one of the roles or, for tasks and assignments, one of the relations (S4-7c, S4-12.1); “for the
task's owner”: by whoever holds an order of the task's owner that reaches the task. An order that names
processes or kinds of document gives nothing outside them. Both names and the order then stand in history
and audit. What no order can hand over has “–” there. Which objects exist for a person at all is decided
where they are loaded: what is hidden answers 404, like what does not exist. `tests/api/test_no_way_in.py`
asks every route, with ids of things that exist, as a stranger of another agency, as people of the agency
who have nothing to do with them, as one whose membership, account or time as a guest has ended, and as
nobody.

A role or an aide given to somebody, or taken away, counts at once and is warned about until a head of the
agency who neither made the change nor gains by it confirms it (`/api/v1/permission-changes`); undoing it
writes the opposite change, which waits for another's word (NĐ30 Phụ lục VI, III.3c).
"""


def render() -> str:
    """Return the whole text of ``docs/permissions.md``."""
    return "\n".join([_HEAD, *_parties(), *_authorities(), *_rows()]) + "\n"


def _parties() -> Iterator[str]:
    yield "## Roles\n\n| role | Vietnamese | English |\n|---|---|---|"
    yield from (f"| `{name}` | {vi} | {en} |" for name, (vi, en) in ROLES.items())
    yield "\n## Other parties\n\n| party | Vietnamese | English |\n|---|---|---|"
    yield from (f"| `{name}` | {vi} | {en} |" for name, (vi, en) in RELATIONS.items())


def _authorities() -> Iterator[str]:
    yield "\n## What an order may hand over\n\n| authority | Vietnamese | English |\n|---|---|---|"
    yield from (f"| `{name}` | {vi} | {en} |" for name, (vi, en) in AUTHORITIES.items())


def _rows() -> Iterator[str]:
    yield "\n## Actions\n\n| action | parties | states | by order |\n|---|---|---|---|"
    for action, row in PERMISSIONS.items():
        states = ", ".join(sorted(row.states)) or "–"
        yield f"| `{action}` | {_named(row)} | {states} | {_by_order(row)} |"


def _by_order(row: Permission) -> str:
    ways = ([row.authority] if row.authority else []) + (["for the task's owner"] if row.for_owner else [])
    return ", ".join(ways) or "–"


def _named(row: Permission) -> str:
    if row.parties >= ANY:
        return ", ".join(["any role", *sorted(row.parties - ANY)])
    return ", ".join(sorted(row.parties))


if __name__ == "__main__":
    sys.stdout.write(render())

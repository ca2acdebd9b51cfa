"""The one tree of errors that may reach a user; ``service.api.problems`` maps it to HTTP.

CongVanError
├── InvalidInput        bad input: findings with pointers            422
├── NotFound            absent, or hidden from this actor            404
├── Forbidden           known to exist, but not allowed              403
├── Unauthenticated     no or bad credentials                        401
├── Conflict            the object's state does not allow it         409
├── VersionMismatch     If-Match names an older version              412
├── PolicyRefusal       content policy or deployment zone forbids it 422
├── TooLarge            over a size limit                            413
└── Unavailable         a dependency is down; try again              503

Every error carries a stable ``code`` (``noun.reason``) and a text in both languages. No exception text of a
library ever becomes one of these texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an input.

    Attributes:
        code: stable, ``noun.reason``.
        vi: what is wrong and how to mend it, Vietnamese.
        en: the same in English.
        pointer: RFC 6901 JSON pointer into the input, ``""`` for the whole.
        file: the file of a bundle, where the input is one.
        element: the BPMN/DMN element id, where there is one.
        line: 1-based line in ``file``.
        column: 1-based column in ``file`` or in the expression.
    """

    code: str
    vi: str
    en: str
    pointer: str = ""
    file: str | None = None
    element: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass
class CongVanError(Exception):
    """Something that a user can be told.

    Attributes:
        code: stable, ``noun.reason``.
        vi: Vietnamese text for the user.
        en: English text for the user.
        findings: details of bad input, possibly empty.
        extra: further members of the problem document (RFC 9457), JSON values only.
    """

    code: str
    vi: str
    en: str
    findings: Sequence[Finding] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    kind: ClassVar[str] = "error"

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"


class InvalidInput(CongVanError):  # noqa: N818 - named for what the user meets
    """The input is malformed or breaks a rule; ``findings`` say where."""

    kind = "invalid"


class NotFound(CongVanError):  # noqa: N818
    """The object does not exist, or this actor may not know that it does."""

    kind = "not_found"


class Forbidden(CongVanError):  # noqa: N818
    """The actor may see the object but not do this to it."""

    kind = "forbidden"


class Unauthenticated(CongVanError):  # noqa: N818
    """No credentials, or credentials that do not hold."""

    kind = "unauthenticated"


class Conflict(CongVanError):  # noqa: N818
    """The object's present state does not allow the action."""

    kind = "conflict"


class VersionMismatch(CongVanError):  # noqa: N818
    """The version that the caller saw is no longer the current one."""

    kind = "version_mismatch"


class PreconditionRequired(CongVanError):  # noqa: N818
    """Whoever asks must first say that they know a rule, and then ask again."""

    kind = "precondition_required"


class PolicyRefusal(CongVanError):  # noqa: N818
    """The content policy or the network zone of the deployment forbids it."""

    kind = "policy_refusal"


class TooLarge(CongVanError):  # noqa: N818
    """The input is over a size limit."""

    kind = "too_large"


class Unavailable(CongVanError):  # noqa: N818
    """A dependency is down; the same request may succeed later."""

    kind = "unavailable"

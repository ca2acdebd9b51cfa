"""Errors of the transport itself, which no action can raise: leaves of the one error tree.

CongVanError
├── Malformed            the request cannot be read at all            400
└── UnsupportedMedia     the body is of a type this route cannot read  415
"""

from __future__ import annotations

from service.domain.errors import CongVanError


class Malformed(CongVanError):  # noqa: N818 - named for what the user meets, as its siblings are
    """The request cannot be read: broken JSON, a broken header."""

    kind = "malformed"


class UnsupportedMedia(CongVanError):  # noqa: N818
    """The body's media type is not one that this route reads."""

    kind = "unsupported_media"

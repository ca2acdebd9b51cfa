"""The leader's signature, and the initials before it (NĐ 30/2020 Điều 13, 32; S0-7.3, S0-10.1)."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from handlers.signing.appearance import Appearance, ImageAppearance
from handlers.signing.images import StampImage
from handlers.signing.keys import SigningKey
from handlers.signing.revision import SignatureAct, SignatureMade, open_revision, sign
from handlers.signing.timestamps import TimestampAuthority
from service.domain.errors import Conflict
from service.domain.signatures import SlotKind


def approve(
    stream: BinaryIO,
    field: str,
    key: SigningKey,
    *,
    image: StampImage | None,
    at: datetime,
    timestamps: TimestampAuthority | None = None,
) -> SignatureMade:
    """Sign a prepared document in place as the leader or, in an initials field, as one who initials.

    Args:
        stream: the file, readable and writable; spoilt if this fails.
        field: ``leader``, ``leader_2``, ``initials_1`` …
        key: of the person.
        image: the blue image of the signature, None for initials without one.
        at: aware; the claimed time.
        timestamps: makes the signature B-T.

    Raises:
        InvalidInput: the PDF is broken or encrypted.
        Conflict: the field is not one for a person, missing or signed; the certificate is not valid.
        Unavailable: the key or the time-stamping service cannot be reached.
    """
    return sign(open_revision(stream), approval(field, image, at), key, timestamps)


def approval(field: str, image: StampImage | None, at: datetime) -> SignatureAct:
    """Return the act of a person's signature.

    Raises:
        Conflict: ``signature.wrong_field``, the field is not one for a person.
    """
    if not (SlotKind.LEADER.owns(field) or SlotKind.INITIALS.owns(field)):
        vi, en = f"Ô “{field}” không dành cho cá nhân ký.", f'The field "{field}" is not for a person.'
        raise Conflict("signature.wrong_field", vi, en)
    drawing: Appearance | None = ImageAppearance(image) if image is not None else None
    return SignatureAct(field, at, drawing)

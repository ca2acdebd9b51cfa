"""Checks of what a draft says against the form that holds (S0-7.1, S3-10.1, S4-3.1; NĐ 30/2020 Phụ lục I)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from handlers.documents.drafting import DraftPage, address_of
from handlers.documents.findings import CheckFinding, error, warning
from handlers.documents.signatories import IN_PLACE_OF, Signatory
from handlers.signing.typeface import find_typeface
from service.domain.document_profiles import profile_on
from service.domain.draft_content import texts_of
from service.domain.errors import InvalidInput

_DATE: Final = re.compile(r"\bngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})\b", re.IGNORECASE)
_SHORT_NUMBER: Final = re.compile(r"\b[Ss]ố:?\s+(\d)[/-][A-ZĐ]")
_FEBRUARY: Final = 2
_TEN: Final = 10
_LONGEST_NOTATION: Final = 30
"""Of a symbol, as it is kept and exchanged (NĐ 30/2020 Phụ lục VI)."""

_LAID_OUT: Final = frozenset("\n\t")


def check_fields(page: DraftPage, on: date, *, with_content: bool) -> Iterator[CheckFinding]:
    """Yield what is missing or wrong in a draft's fields.

    Args:
        page: the draft.
        on: the day.
        with_content: False for a draft whose text was brought as a file.
    """
    for check in (_people, _receivers, _authority, _words):
        yield from check(page)
    yield from _form_in_force(page, on)
    if with_content:
        for check in (_structure, _letters, _dates):
            yield from check(page)


def _people(page: DraftPage) -> Iterator[CheckFinding]:
    if not page.signer_name:
        yield error("signer.missing", "Chưa chọn người ký.", "The signer is not named.", "signer")
    if not page.position:
        yield error(
            "position.missing", "Thiếu chức vụ người ký.", "The position is missing.", "signer_position"
        )
    for index, one in enumerate(page.cosigners):
        if not one.position:
            vi, en = f"Thiếu chức vụ của {one.name}.", f"The position of {one.name} is missing."
            yield error("position.missing", vi, en, f"cosigners/{index}/signer_position")
    if not (page.content["place"] or page.place):
        yield error("place_name.missing", "Thiếu địa danh.", "The place before the date is missing.", "place")


def _receivers(page: DraftPage) -> Iterator[CheckFinding]:
    if not any(one.purpose != "file" for one in page.recipients):
        yield error("recipients.missing", "Chưa có nơi nhận.", "There are no recipients.", "recipients")
    if not any(one.purpose == "file" for one in page.recipients):
        vi, en = "Nơi nhận thiếu dòng “Lưu”.", "The recipients lack the line of where it is kept."
        yield warning("recipients.no_file", vi, en, "recipients")
    if page.kind.must_address and not address_of(page):
        vi, en = f"{page.kind.name} phải có “Kính gửi”.", "This type must say whom it is addressed to."
        yield error("address.missing", vi, en, "/content/address")


def _authority(page: DraftPage) -> Iterator[CheckFinding]:
    is_collective = page.form.is_collective(page.lead_notation)
    if page.kind.key in page.form.layout["only_collectives"] and not is_collective:
        vi = f"{page.kind.name} thường do cấp ủy ban hành; hãy kiểm tra thẩm quyền."
        en = "This type is usually issued by a committee; check the authority."
        yield warning("type.authority", vi, en, "type_code")
    for one, where in _signing_places(page):
        if one.capacity == "TM" and not page.form.is_collective(one.body_notation):
            vi = (
                "Ký thay mặt tập thể, nhưng cơ quan ban hành không phải cơ quan làm việc theo chế độ tập thể."
            )
            en = "Signed for a collective, but the issuing body is not one."
            yield warning("capacity.collective", vi, en, f"{where}capacity")
    notation = page.notation.lstrip("-/")
    if len(notation) > _LONGEST_NOTATION:
        vi = f"Ký hiệu “{notation}” dài quá {_LONGEST_NOTATION} ký tự."
        yield error("number.too_long", vi, f"The symbol “{notation}” is too long.", "cosigners")


def _signing_places(page: DraftPage) -> Iterator[tuple[Signatory, str]]:
    """Yield who signs, with the path of what the draft says of them."""
    own, *others = page.signatories
    yield own, ""
    for index, one in enumerate(others):
        yield one, f"cosigners/{index}/"


def _words(page: DraftPage) -> Iterator[CheckFinding]:
    subject = page.subject.strip()
    if page.kind.shape == "letter" and subject.lower().startswith("v/v"):
        vi = "Trích yếu không ghi “V/v”: chữ này được in tự động."
        yield warning(
            "subject.prefix", vi, "Leave out “V/v” in the subject: it is printed anyway.", "subject"
        )
    if subject.endswith("."):
        vi, en = "Trích yếu không có dấu chấm cuối.", "The subject ends without a full stop."
        yield warning("subject.full_stop", vi, en, "subject")


def _form_in_force(page: DraftPage, on: date) -> Iterator[CheckFinding]:
    try:
        current = profile_on(page.form.name, on)
    except InvalidInput:
        return
    if current.from_on != page.form.from_on:
        vi = f"Thể thức đã đổi từ {current.from_on:%d/%m/%Y} ({current.regulation})."
        en = f"The form changed on {current.from_on.isoformat()} ({current.regulation})."
        yield warning("form.changed", vi, en, "profile")


def _structure(page: DraftPage) -> Iterator[CheckFinding]:
    for one, where in _signing_places(page):
        if one.capacity in IN_PLACE_OF and not one.word("principal"):
            mark = page.form.capacities[one.capacity].mark
            at = f"{where}signing/principal" if where else "/content/signing/principal"
            vi = f"Ký {mark} cần chức vụ của người được ký thay (signing.principal)."
            en = f"Signing {mark} needs the position in whose place it is (signing.principal)."
            yield error("signing.principal", vi, en, at)
    blocks = page.content["blocks"]
    if not blocks:
        yield error(
            "text.missing", "Văn bản chưa có nội dung.", "The document has no text.", "/content/blocks"
        )
    if page.kind.decides and not page.content["basis"]:
        vi, en = f"{page.kind.name} thiếu căn cứ ban hành.", "The grounds are missing."
        yield warning("basis.missing", vi, en, "/content/basis")
    if page.kind.decides and not page.content["decider"]:
        vi, en = "Thiếu thẩm quyền ban hành (content.decider).", "Who decides is missing (content.decider)."
        yield warning("decider.missing", vi, en, "/content/decider")
    if page.kind.shape == "articles" and not any(one["kind"] == "article" for one in blocks):
        vi, en = f"{page.kind.name} thường có Điều.", "This type usually has articles."
        yield warning("articles.missing", vi, en, "/content/blocks")


def _letters(page: DraftPage) -> Iterator[CheckFinding]:
    face = find_typeface()
    texts = [*texts_of(page.content), ("subject", page.subject)]
    texts += [(f"{where}signer", f"{one.name} {one.position}") for one, where in _signing_places(page)]
    texts += [("recipients", one.name) for one in page.recipients]
    for where, text in texts:
        lacking = "".join(char for char in face.missing(text) if char not in _LAID_OUT)
        if lacking:
            vi = f"Phông chữ không in được ký tự: {' '.join(lacking)}"
            yield error("text.no_glyph", vi, f"The typeface cannot draw: {' '.join(lacking)}", where)


def _dates(page: DraftPage) -> Iterator[CheckFinding]:
    for where, text in [*texts_of(page.content), ("subject", page.subject)]:
        for found in _DATE.finditer(text):
            yield from _check_date(found, where)
        short = _SHORT_NUMBER.search(text)
        if short is not None:
            vi = f"Số nhỏ hơn 10 phải ghi thêm số 0 phía trước: “{short[0]}”."
            yield warning("number.leading_zero", vi, f"A number below 10 gets a zero: “{short[0]}”.", where)


def _check_date(found: re.Match[str], where: str) -> Iterator[CheckFinding]:
    day, month, year = found[1], found[2], found[3]
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        yield error("date.invalid", f"Không có ngày này: {found[0]}.", f"No such day: {found[0]}.", where)
        return
    lacks_zero = (int(day) < _TEN and len(day) == 1) or (int(month) <= _FEBRUARY and len(month) == 1)
    if lacks_zero:
        vi = f"Ngày dưới 10 và tháng 1, 2 phải thêm số 0: “{found[0]}”."
        en = f"Days below 10 and months 1 and 2 get a zero: “{found[0]}”."
        yield warning("date.leading_zero", vi, en, where)

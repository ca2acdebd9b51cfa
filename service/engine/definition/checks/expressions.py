"""docs/bpmn-dialect.md, Expressions: each compiles as FEEL, calls what exists and uses what is set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from service.engine.definition.model import Model, Node
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.sites import LOOP_VARIABLES, Site, expression_sites, literal_timers
from service.engine.definition.suggestions import LIKE_A_SLIP, NOTHING, nearest
from service.engine.definition.timers import Complaint, complaint_about
from service.engine.definition.variables import Variables, variables_of
from service.feel.functions import BUILTINS

_CHAPTER = "docs/bpmn-dialect.md, Expressions"
_FEEL = "DMN 1.5, 10.3 FEEL"
MAX_LOOK_UPS = 300
"""Names that are looked for among the variables of a bundle; a written process has some dozens."""

_PLACEHOLDER = re.compile(r"[$#]\{")


def _blank(model: Model) -> Iterator[Fault]:
    for site in expression_sites(model):
        if not site.text and not site.may_be_absent:
            yield Fault(site.diagram, site.xml, {"what": site.what})


def _is_placeholder(site: Site) -> bool:
    return _PLACEHOLDER.match(site.text) is not None


def _placeholder(model: Model) -> Iterator[Fault]:
    for site in expression_sites(model):
        if _is_placeholder(site):
            yield Fault(site.diagram, site.xml, {"what": site.what})


def _not_feel(model: Model) -> Iterator[Fault]:
    for site in expression_sites(model):
        if site.error is not None and not _is_placeholder(site):
            place = site.error.findings[0] if site.error.findings else None
            values = {
                "what": site.what,
                "reason_vi": place.vi if place else site.error.vi,
                "reason_en": place.en if place else site.error.en,
                "row": place.line if place else 1,
                "sign": place.column if place else 1,
            }
            yield Fault(site.diagram, site.xml, values, column=place.column if place else None)


def _unknown_function(model: Model) -> Iterator[Fault]:
    known = BUILTINS.keys() | model.environment.functions
    for site in expression_sites(model):
        expression = site.expression
        if expression is None:
            continue
        for name in sorted(expression.calls - known - _scope(model, site).names):
            yield Fault(
                site.diagram, site.xml, {"what": site.what, "name": name[:80], "near": nearest(name, known)}
            )


def _scope(model: Model, site: Site) -> Variables:
    return variables_of(model, site.container.process)


def _undeclared(model: Model) -> Iterator[Fault]:
    uses = Counter(name for site in expression_sites(model) for name in _free_names(site))
    looked_up = 0
    for site in expression_sites(model):
        variables = _scope(model, site)
        for name in sorted(_free_names(site) - variables.names - LOOP_VARIABLES):
            looked_up += 1
            if looked_up > MAX_LOOK_UPS:
                return
            near = nearest(name, variables.names, LIKE_A_SLIP)
            is_slip = near != NOTHING and uses[name] == 1
            if variables.is_closed or is_slip:
                yield Fault(site.diagram, site.xml, {"what": site.what, "name": name[:80], "near": near})


def _free_names(site: Site) -> frozenset[str]:
    return site.expression.free_names if site.expression is not None else frozenset()


def _literal_timer(model: Model) -> Iterator[Fault]:
    for node, xml, text in literal_timers(model):
        complaint = complaint_about(etree.QName(xml).localname, text)
        if complaint is not None:
            yield _timer_fault(node, xml, text, complaint)


_TIMER_REASONS: dict[Complaint, tuple[str, str]] = {
    "shape": ("không đúng ISO 8601", "is not ISO 8601"),
    "size": ("có con số quá lớn", "holds too large a number"),
    "zero": ("dài bằng không", "is of no length"),
    "negative": ("là khoảng âm", "is negative"),
    "kind": ("thuộc loại hẹn giờ khác", "belongs in another kind of timer"),
}


def _timer_fault(node: Node, xml: etree._Element, text: str, complaint: Complaint) -> Fault:
    reason_vi, reason_en = _TIMER_REASONS[complaint]
    values = {"text": text[:80], "tag": etree.QName(xml).localname}
    return Fault(node.diagram, xml, values | {"reason_vi": reason_vi, "reason_en": reason_en})


CHECKS = (
    Check(
        Rule(
            "expression.blank",
            _CHAPTER,
            "Biểu thức của “{id}” ({what}) để trống.",
            "The expression of “{id}” ({what}) is blank.",
            "Viết một biểu thức FEEL.",
            "Write a FEEL expression.",
        ),
        _blank,
    ),
    Check(
        Rule(
            "expression.placeholder",
            _CHAPTER,
            "Biểu thức của “{id}” ({what}) viết kiểu ${{…}}, không phải FEEL.",
            "The expression of “{id}” ({what}) is written as ${{…}}, which is not FEEL.",
            "Bỏ ${{ và }}, viết lại bằng FEEL.",
            "Drop the ${{ and }} and write it in FEEL.",
        ),
        _placeholder,
    ),
    Check(
        Rule(
            "expression.not_feel",
            _FEEL,
            "Biểu thức của “{id}” ({what}) sai FEEL ở dòng {row}, cột {sign}: {reason_vi}",
            "The expression of “{id}” ({what}) is not FEEL at line {row}, column {sign}: {reason_en}",
            "Sửa biểu thức tại chỗ đó.",
            "Mend the expression there.",
        ),
        _not_feel,
    ),
    Check(
        Rule(
            "expression.unknown_function",
            _FEEL,
            "Biểu thức của “{id}” ({what}) gọi hàm “{name}” không tồn tại.",
            "The expression of “{id}” ({what}) calls the function “{name}”, which does not exist.",
            "Gần nhất: “{near}”.",
            "Nearest: “{near}”.",
        ),
        _unknown_function,
    ),
    Check(
        Rule(
            "expression.undeclared_variable",
            _CHAPTER,
            "Biểu thức của “{id}” ({what}) dùng biến “{name}” mà không bước nào đặt.",
            "The expression of “{id}” ({what}) uses the variable “{name}”, which no step sets.",
            "Biến gần nhất: “{near}”.",
            "Nearest variable: “{near}”.",
            "warning",
        ),
        _undeclared,
    ),
    Check(
        Rule(
            "timer.literal",
            "ISO 8601-1; docs/bpmn-dialect.md, Expressions",
            "Hẹn giờ “{text}” (<{tag}>) của “{id}” {reason_vi}.",
            "The timer “{text}” (<{tag}>) of “{id}” {reason_en}.",
            "Ví dụ: PT24H, 2026-03-05T17:00:00+07:00, R3/PT1H; biểu thức FEEL bắt đầu bằng “=”.",
            "Write PT24H, 2026-03-05T17:00:00+07:00 or R3/PT1H; FEEL begins with “=”.",
        ),
        _literal_timer,
    ),
)

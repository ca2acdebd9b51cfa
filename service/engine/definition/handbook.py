"""Writes ``docs/deploy-checks.md`` from the rules themselves, so that the table cannot fall behind."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.definition.archive import ArchiveLimits
from service.engine.definition.catalogue import RULES
from service.engine.definition.rule import Rule
from service.engine.definition.xml import XmlLimits

_HEAD = """# Deploy checks

Written by `python -m service.engine.definition.handbook`; a test compares it with the code.

Every bundle (BPMN, DMN, forms) is checked before anything is stored. A finding names its code, the file, the
element's id, the line on which the element's start tag ends, what is wrong and how to mend it, in Vietnamese
and English. An **error** stops the deployment; a **warning** is shown and kept with the version. Findings of
decision models (`dmn.…`, `feel.…`) and of forms (`form.…`) come with their own codes and are errors.
`{…}` stands for a name or a value of the bundle.

## Bundles

A bundle is a folder or a ZIP: `<key>.bpmn` and further `.bpmn` and `.dmn` files, forms as
`forms/<process id>/<user task id>.form.json`. Other files are not taken.
"""


def render() -> str:
    """Return the whole text of ``docs/deploy-checks.md``."""
    return "\n".join([_HEAD, *_limits(), *_tables()])


def _limits() -> Iterator[str]:
    yield "| limit | of one XML file |\n|---|---|"
    limits = XmlLimits()
    yield from (f"| {name} | {getattr(limits, name):,} |" for name in limits.__slots__)
    yield "\n| limit | of a ZIP |\n|---|---|"
    archive = ArchiveLimits()
    yield from (f"| {name} | {getattr(archive, name):,} |" for name in archive.__slots__)
    yield ""


def _tables() -> Iterator[str]:
    by_noun: dict[str, list[Rule]] = {}
    for rule in RULES:
        by_noun.setdefault(rule.code.split(".")[0], []).append(rule)
    for noun, rules in by_noun.items():
        yield f"## {noun}\n\n| code | what is wrong | how to mend it | chapter |\n|---|---|---|---|"
        yield from (_row(rule) for rule in rules)
        yield ""


def _row(rule: Rule) -> str:
    mark = "" if rule.severity == "error" else " (warning)"
    cells = (f"`{rule.code}`{mark}", _both(rule.en, rule.vi), _both(rule.mend_en, rule.mend_vi), rule.chapter)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _both(en: str, vi: str) -> str:
    words = f"{en}<br>*{vi}*".replace("{{", "{").replace("}}", "}")
    return words.replace("<", "&lt;").replace("&lt;br>", "<br>")


if __name__ == "__main__":
    import sys

    sys.stdout.write(render())

"""Names of several words that may stand in the expressions of a set of models.

A name such as ``ngày đến`` is read as one name only where it is known. Components, context entries, columns
and outputs are reached by paths and filters, whose data is not there while a model is compiled, so all such
names of the set are told to the parser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from service.feel.dmn.model import Definitions, FeelText, InformationItem, ItemDefinition, OutputClause
from service.feel.names import is_plain


def special_names(models: Sequence[Definitions]) -> frozenset[str]:
    """Return the names of several words or signs that ``models`` give to anything."""
    return frozenset(name for model in models for name in _names(model) if name and not is_plain(name))


def texts_of(part: object) -> str:
    """Return all FEEL inside a part of a model, a line for each piece."""
    return "\n".join(inner.text for inner in _parts(part) if isinstance(inner, FeelText))


def _names(model: Definitions) -> Iterator[str]:
    yield from (entry.name for entry in model.imports)
    for part in _parts((*model.item_definitions, *model.elements.values())):
        if isinstance(part, (InformationItem, ItemDefinition, OutputClause)):
            yield part.name


def _parts(root: object) -> Iterator[object]:
    """Yield ``root`` and every part of the model inside it."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(part)
        elif is_dataclass(part):
            yield part
            waiting.extend(getattr(part, field.name) for field in fields(part))

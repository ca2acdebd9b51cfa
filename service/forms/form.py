"""A form that is ready for use: what it shows of the variables, and how a submission is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from service.domain.errors import Finding, InvalidInput
from service.feel import Expression, Runtime
from service.forms.messages import describe_error, not_a_field, not_an_object, read_only_field
from service.forms.texts import clean_value

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FormField:
    """One property of a form.

    Attributes:
        name: of the variable or entry.
        schema: the property's schema.
        is_read_only: shown, never accepted from a submission.
        source: dotted path into the variables for what it shows; its own name if the form gives none.
        parts: entries of an object that are shown; None = the whole.
        show_if: condition on the submission, or None.
    """

    name: str
    schema: Mapping[str, Any]
    is_read_only: bool
    source: tuple[str, ...]
    parts: tuple[str, ...] | None
    show_if: Expression | None

    def shown(self, variables: Mapping[str, Any]) -> Any:
        """Return what the field shows of the variables; None if there is nothing."""
        value: Any = variables
        for name in self.source:
            if not isinstance(value, Mapping):
                return None
            value = value.get(name)
        if self.parts is not None and isinstance(value, Mapping):
            return {part: value.get(part) for part in self.parts}
        return value


@dataclass(frozen=True)
class Form:
    """A form of the bundle.

    Attributes:
        key: ``<process id>/<user task id>``.
        schema: the file's content, for drawing.
        fields: in the order of the file.
        validator: compiled from the schema without the read-only fields; shared by threads.
    """

    key: str
    schema: Json
    fields: tuple[FormField, ...]
    validator: Draft202012Validator
    _by_name: Mapping[str, FormField] = field(init=False, repr=False)
    _defaults: Mapping[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        written = [one for one in self.fields if not one.is_read_only]
        object.__setattr__(self, "_by_name", {one.name: one for one in self.fields})
        object.__setattr__(self, "_defaults", {one.name: one.schema.get("default") for one in written})

    def visible_data(self, variables: Mapping[str, Any]) -> Json:
        """Return only what the form names: read-only fields and first values of the others."""
        shown = {one.name: one.shown(variables) for one in self.fields}
        return {name: value for name, value in shown.items() if value is not None}

    def validate(self, data: Mapping[str, Any]) -> Json:
        """Return the submission as variables: cleaned, with defaults, every writable field present.

        Text is trimmed and in NFC; an empty text counts as absent; what ``x-show-if`` hides is dropped.

        Raises:
            InvalidInput: with a finding and a JSON pointer for everything that is wrong.
        """
        if not isinstance(data, Mapping):
            raise _refused([not_an_object()])
        findings = list(self._misplaced(data))
        values = self._drop_hidden(self._cleaned(data))
        findings += [describe_error(error, self.schema) for error in self.validator.iter_errors(values)]
        if findings:
            raise _refused(findings)
        return {**self._defaults, **values}

    def asks_step_up(self, values: Mapping[str, Any]) -> bool:
        """Say whether checked values tick a field that asks for the second factor (``x-step-up``)."""
        return any(one.schema.get("x-step-up") and values.get(one.name) is True for one in self.fields)

    def _misplaced(self, data: Mapping[str, Any]) -> Iterable[Finding]:
        for name in data:
            one = self._by_name.get(name)
            if one is None:
                yield not_a_field(str(name))
            elif one.is_read_only:
                yield read_only_field(one.name, one.schema)

    def _cleaned(self, data: Mapping[str, Any]) -> Json:
        values: Json = {}
        for name, value in data.items():
            one = self._by_name.get(name)
            if one is None or one.is_read_only:
                continue
            cleaned = clean_value(value)
            if cleaned is not None and cleaned != "":
                values[name] = cleaned
        for name, default in self._defaults.items():
            if default is not None and name not in values:
                values[name] = default
        return values

    def _drop_hidden(self, values: Json) -> Json:
        """Return the values without hidden fields; the conditions see every field, null where absent."""
        conditions = [one for one in self.fields if one.show_if is not None and one.name in values]
        if not conditions:
            return values
        view = {**dict.fromkeys(self._by_name), **values}
        hidden = {
            one.name
            for one in conditions
            if one.show_if is not None and one.show_if.evaluate(view, _RUNTIME).value is not True
        }
        return {name: value for name, value in values.items() if name not in hidden}


_RUNTIME = Runtime()


def _refused(findings: list[Finding]) -> InvalidInput:
    return InvalidInput(
        "form.invalid",
        f"Biểu mẫu có {len(findings)} chỗ chưa đúng.",
        f"The form has {len(findings)} fault(s).",
        findings,
    )

"""A running instance to its stored state and back: only what is still alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from service.domain.errors import InvalidInput
from service.engine.spiff import codec
from service.engine.spiff.instance import Instance
from service.engine.spiff.scopes import Scope, SubScope
from service.engine.spiff.token import Token

if TYPE_CHECKING:
    from service.engine.spiff.activities import Host
    from service.engine.spiff.definition import Definition
    from service.engine.spiff.expressions import FeelScriptEngine

_TAKEN_OVER: Final = 1
_CALL: Final = 2


def dump_instance(instance: Instance) -> bytes:
    """Return the stored state of an instance that stands still."""
    assert not instance.queue
    ended = 1 if instance.completed else 0
    scopes = [_scope_row(scope) for scope in instance.scopes()]
    return codec.encode([instance.spec.name, ended, instance.terminated, scopes])


def load_instance(definition: Definition, host: Host, engine: FeelScriptEngine, data: bytes) -> Instance:
    """Return the instance of a stored state.

    Raises:
        InvalidInput: the state is damaged, of an unknown version, or does not belong to the definition.
    """
    process_id, ended, terminated, rows = codec.decode(data)
    if process_id != definition.process_id:
        raise _foreign(process_id)
    instance = Instance(definition.root, definition.processes, engine, host)
    instance.completed = bool(ended)
    instance.terminated = terminated
    tokens = dict(_fill(instance, rows[0]))
    for row in rows[1:]:
        holder = tokens.get(UUID(row[1]))
        spec = definition.processes.get(row[0])
        if holder is None or spec is None:
            raise _foreign(row[0])
        tokens |= _fill(SubScope(spec, holder, is_call=bool(row[2] & _CALL)), row)
    return instance


def _scope_row(scope: Scope) -> list[Any]:
    flags = (_TAKEN_OVER if scope.is_taken_over else 0) | (_CALL if scope.is_call else 0)
    holder = None if scope.holder is None else str(scope.holder.id)
    tokens = [_token_row(token) for token in scope.tasks.values()]
    inputs = codec.pack(scope.inputs) if scope.inputs else None
    return [scope.spec.name, holder, flags, codec.pack(scope.data), inputs, tokens]


def _token_row(token: Token) -> list[Any]:
    row: list[Any] = [str(token.id), token.task_spec.name, token.state]
    parent = None if token.parent_id is None else str(token.parent_id)
    notes = codec.pack(token.internal_data) if token.internal_data else None
    data = codec.pack(token.data) if token.data else None
    rest = [parent, notes, data]
    while rest and rest[-1] is None:
        rest.pop()
    return row + rest


def _fill(scope: Scope, row: list[Any]) -> dict[UUID, Token]:
    """Give a scope its variables and tokens; return the tokens."""
    _, _, flags, data, inputs, tokens = row
    scope.is_taken_over = bool(flags & _TAKEN_OVER)
    scope.data = codec.unpack(data)
    scope.inputs = codec.unpack(inputs) if inputs else {}
    for token_id, name, state, *rest in tokens:
        spec = scope.spec.task_specs.get(name)
        if spec is None:
            raise _foreign(name)
        parent, notes, own = [*rest, None, None, None][:3]
        token = Token(scope, spec, UUID(token_id), parent=None if parent is None else UUID(parent))
        token._state = state  # noqa: SLF001 - Token is this package's own
        token.internal_data = codec.unpack(notes) if notes else {}
        token.data = codec.unpack(own) if own else {}
    return scope.tasks


def _foreign(name: str) -> InvalidInput:
    return InvalidInput(
        "state.foreign",
        "Trạng thái được lưu không thuộc phiên bản quy trình này.",
        f"The stored state names '{name}', which this process version does not have.",
    )

"""What an operator changes in a loaded instance: failed steps tried again or passed, variables corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.engine.spiff.reading import ExecutionReader, not_waiting
from service.engine.spiff.repair import pass_by, set_in_again, way_past
from service.engine.spiff.token import ERROR, Token
from service.engine.spiff.values import admit


class ExecutionRepairs(ExecutionReader):
    """One instance in memory, to be looked at and mended."""

    def retry(self, token_id: UUID, variables: Mapping[str, Any] | None = None) -> None:
        """Try a failed step again, after writing ``variables`` where the step would.

        Raises:
            NotWaiting: the token has not failed.
            InvalidInput: a value that no variable can hold.
        """
        token = self._token(token_id, ERROR)
        if variables:
            admit(variables)
            self._instance.assign(token, variables)
        set_in_again(self._instance, token)
        self._instance.run()

    def skip(
        self, token_id: UUID, flow_id: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> None:
        """Pass a failed step without its work; an event that failed while it watched stops watching.

        Args:
            token_id: the failed token.
            flow_id: the outgoing flow to take; needed where conditions would have chosen.
            variables: what the step would have written.

        Raises:
            NotWaiting: the token has not failed.
            InvalidInput: the flow does not leave the element, or must be named.
        """
        token = self._token(token_id, ERROR)
        taken = way_past(token, flow_id)
        if variables:
            admit(variables)
            self._instance.assign(token, variables)
        pass_by(token, taken)
        self._instance.run()

    def set_variables(self, scope: UUID | None, patch: Mapping[str, Any]) -> None:
        """Write variables into the instance (None) or where the token ``scope`` would write them.

        Raises:
            NotWaiting: there is no such token.
            InvalidInput: a value that no variable can hold.
        """
        self._refresh()
        admitted = admit(patch)
        token = None if scope is None else self._instance.find(scope)
        if scope is not None and token is None:
            raise not_waiting(scope)
        holder = self._instance if token is None else token.workflow
        for name, value in admitted.items():
            holder.home_of(name, token)[name] = value
        self._instance.is_dirty = True
        self._instance.run()

    def _refresh(self) -> None:
        self._instance.now = self._instance.host.clock.now()

    def _token(self, token_id: UUID, state: int) -> Token:
        self._refresh()
        token = self._instance.find(token_id)
        if token is None or token.state != state:
            raise not_waiting(token_id)
        return token

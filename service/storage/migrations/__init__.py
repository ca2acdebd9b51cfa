"""The schema's history, forward only; :mod:`service.storage.schema` applies it."""

"""The schema's history, forward only; :mod:`service.storage.schema` applies it.

A change of a model needs a revision: ``python -m service.storage.migrations "what changes"`` drafts it. A
test compares the models with what the revisions build.
"""

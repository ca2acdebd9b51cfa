"""Service tasks of drafts: checked, made ready for signatures, moved on, frozen."""

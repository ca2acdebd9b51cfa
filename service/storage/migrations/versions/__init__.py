"""Revisions, each written once and never changed after its release."""

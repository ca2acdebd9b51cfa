"""Deadlines that have passed."""

"""Assignments: given, taken up, worked on, reported, accepted, cancelled."""

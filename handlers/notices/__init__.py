"""Notices to people of the agency."""

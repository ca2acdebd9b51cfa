"""Malware scanning and limits of unpacking."""

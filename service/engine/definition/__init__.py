"""Deployment: what a bundle is, what is checked before it is stored, and what lists need to know of it."""

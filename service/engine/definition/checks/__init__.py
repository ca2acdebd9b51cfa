"""The deploy checks, a module per chapter of the standard or the dialect; each exports ``CHECKS``."""

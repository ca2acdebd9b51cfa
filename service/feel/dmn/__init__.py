"""DMN 1.1 to 1.5: models, decision tables, boxed expressions, and their evaluation on FEEL."""

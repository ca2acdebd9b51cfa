"""FEEL, the expression language of DMN 1.5: parsed by hand, evaluated by closures, without Python eval."""

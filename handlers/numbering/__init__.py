"""Numbers of what a body issues: which series, how written, reserved, registered, voided."""

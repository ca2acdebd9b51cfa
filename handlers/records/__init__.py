"""Documents and registers: capture, registration, status, opinions, filing, cancelling."""

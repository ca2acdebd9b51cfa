"""What the process of an outgoing document knows of it, beside what drafting, signing and delivery do."""

"""What is done: one handler for each operation that a service task may name."""

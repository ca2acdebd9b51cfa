"""What is true: pure rules, free of frameworks and of input and output."""

"""What is asked: each change one may ask for, in one unit of work."""

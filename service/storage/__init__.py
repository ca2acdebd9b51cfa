"""What is kept: PostgreSQL rows and content-addressed files."""

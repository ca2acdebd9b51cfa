"""Pages of files as images, marked with who looks at them."""

"""The pages: parse, one call of a service or selector, render."""

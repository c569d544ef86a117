"""A comparison in text, Markdown, CSV and JSON. Imports `comparison` and `bounds`."""

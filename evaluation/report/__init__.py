"""A comparison as a folder: data, tables and the page, written in one step. Imports `page` and `tables`."""

"""A comparison as one page: everything in a single file that opens without a network. Imports `tables`."""

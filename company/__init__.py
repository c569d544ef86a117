"""A company's own files: read as they are, cleaned with every decision said, and fitted to a network. Imports `envs` only."""

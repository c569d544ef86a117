"""The report as one page: everything in a single file that opens without a network."""

from .writing import write_page

__all__ = ["write_page"]

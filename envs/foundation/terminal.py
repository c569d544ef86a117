"""What the project prints on a terminal."""

from __future__ import annotations

from typing import Any, TextIO

import rich.text

from .printable import printable


def say(text: str, file: TextIO | None = None, flush: bool = False) -> None:
    """Print a line."""
    print(printable(text), file=file, flush=flush)


class Text(rich.text.Text):
    """Text for a table or a line, in which nothing is markup, and nothing a command to the terminal."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:
        super().__init__(printable(text), *arguments, **options)

    def append(self, text: rich.text.Text | str, *arguments: Any, **options: Any) -> Text:
        super().append(printable(text) if isinstance(text, str) else text, *arguments, **options)
        return self

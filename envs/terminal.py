"""What the project prints on a terminal."""

from __future__ import annotations

from typing import Any

import rich.text

from .printable import printable


class Text(rich.text.Text):
    """Text for a table or a line, in which nothing is markup, and nothing a command to the terminal."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:
        super().__init__(printable(text), *arguments, **options)

    def append(self, text: rich.text.Text | str, *arguments: Any, **options: Any) -> Text:
        super().append(printable(text) if isinstance(text, str) else text, *arguments, **options)
        return self

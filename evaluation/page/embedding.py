"""Texts and numbers on their way into a page: nothing that a user named can become code there."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
from typing import Any

from markupsafe import Markup

DIGITS = 5
"""Significant digits of what is drawn; the files beside the page have them all."""


def as_script_data(data: Any) -> Markup:
    r"""Plain data as JSON that can stand in a script element; what is not a number is null.

    No character is left that HTML or JavaScript could read as their own: `<`, `>`, `&` and everything beyond ASCII are escaped.

    >>> as_script_data({"name": "</script>"})
    Markup('{"name":"\\u003c/script\\u003e"}')
    """
    text = json.dumps(_plain(data), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # escaped above, by rules of its own: HTML's are not a script's


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float):
        return _shortened(data)
    return data


def _shortened(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def told(text: str) -> str:
    """A text for Plotly, which reads some HTML in its labels.

    >>> told("<b>&")
    '&lt;b&gt;&amp;'
    """
    return html.escape(text, quote=False)


def fingerprint(script: str) -> str:
    """What a content security policy knows a script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"

"""How files are written, where they do not tell it themselves: keys of an import."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orderup.envs.foundation.validation import Keys

DateOrder = Literal["day_first", "month_first", "year_first", "year_week", "year_month", "excel"]


class ReadingOptions(Keys):
    """What is asked about where a file can be read in two ways."""

    encoding: str | None = Field(None, description="Of text files; left out: UTF-8, or else Western Windows and Latin-1")
    separator: str | None = Field(None, description="Of text files: comma, semicolon, tab, bar; left out: what they show")
    decimal: Literal["point", "comma"] | None = Field(
        None, description="What 1.234 and 1,234 mean; left out: what the file shows"
    )
    dates: DateOrder | None = Field(
        None,
        description="What 05/06/2024 means: day_first, month_first or (05/06/07) year_first; what 202405 is: year_week or "
        "year_month; excel: 45292 is a day's number; left out: what the file shows",
    )
    sheet: str | None = Field(None, description="Of Excel files; left out: the only one, or all with the same columns")

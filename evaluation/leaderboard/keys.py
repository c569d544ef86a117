"""What the command line of a leaderboard asks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from orderup.envs.foundation.validation import Keys, Name

from .board import NAME

DEFAULT = "distribution"
FOLDER = "leaderboard"


class _OfBoard(Keys):
    board: str = Field(DEFAULT, description="A board by its name, or its YAML file")
    folder: str = Field(FOLDER, description="Where entries are: <folder>/<board>/<entry>/")


class SubmitKeys(_OfBoard):
    """Judge who is entered, on the traces that everybody may look at, and write the entry."""

    name: str = Field(pattern=f"^{NAME}$", description="Of the entry")
    agent: Any = Field(None, description="An agent of the project, for all tasks")
    runs: list[str] = Field([], description="Folders of runs, each for the task that it was trained on")
    overwrite: bool = Field(False, description="Replace the entry of that name")

    @field_validator("runs", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given


class VerifyKeys(_OfBoard):
    """Judge entries anew: the same costs, and with the file of the sealed seed those of traces that nobody had seen."""

    entry: str | None = Field(None, description="Its name; left out: all that are there")
    sealed: str | None = Field(None, description="The file that the board's seed is sealed in")


class RenderKeys(_OfBoard):
    """The board as a page, a table and JSON."""

    traces: Literal["known", "sealed"] = Field("known", description="By which traces entries are ranked")
    name: Name | None = Field(None, description="Of the folder in reports/; left out: leaderboard_<board>")
    overwrite: bool = Field(False, description="Replace a report of that name that another command made")

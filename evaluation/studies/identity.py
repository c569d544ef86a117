"""What makes a job the same job: the hash of all that it is asked, weights that come along included, but not of code."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic_core import to_jsonable_python

from orderup.agents import Agent, agents
from orderup.envs.demand.file import FileDemand
from orderup.envs.demand.recorded import VARIABLE
from orderup.envs.foundation.files import user_path
from orderup.envs.foundation.sealed_files import digest
from orderup.envs.scenario.scenario import Scenario

__all__ = ["data_digest", "digest", "named", "plain"]

LONGEST_NAME = 120
"""Characters before the hash; file systems take 255."""


def named(parts: list[str], key: str) -> str:
    """A name for files: the parts in plain letters, and eight digits of the hash."""
    words = re.sub(r"[^A-Za-z0-9_.-]+", "_", "-".join(parts)).strip("_")
    return f"{words[:LONGEST_NAME]}-{key[:8]}"


def plain(value: Any, weights: bool = False) -> Any:
    """Plain data, in which an agent says its type and all its keys, one inside another too.

    With `weights` also the hash of those that come with the project, as the policy's for every network do.
    """
    if isinstance(value, Agent):
        keys = {name: plain(getattr(value, name), weights) for name in type(value).model_fields}
        shipped = {"weights": value.weights} if weights and value.weights else {}
        return {"type": agents.name_of(type(value)), **keys, **shipped}
    if isinstance(value, Mapping):
        return {str(name): plain(item, weights) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, weights) for item in value]
    return to_jsonable_python(value)


def data_digest(scenario: Scenario) -> str | None:
    """The SHA-256 of the recorded demand that a scenario uses; None where it uses none, or nobody has put it there."""
    recorded = [entry.demand for entry in scenario.customers if isinstance(entry.demand, FileDemand)]
    given = sorted({str(demand.path or os.environ.get(VARIABLE, "")) for demand in recorded})
    found = hashlib.sha256()
    with suppress(OSError):
        for path in (user_path(each, "demand.path") for each in given):
            if not path.is_file():  # a pipe would be waited for
                return None
            found.update(path.read_bytes())
        return found.hexdigest() if given else None
    return None

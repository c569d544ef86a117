"""A run that never stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from .runs_to_resume import drift


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drift(tmp_path_factory.mktemp("runs"))

"""A library that is not there is named, with the extra that brings it; and none is imported before somebody asks."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from orderup.envs.foundation.errors import InputError
from orderup.integrations.missing import needed

LIBRARIES = {"torchrl": "torchrl", "benchmarl": "benchmarl", "agilerl": "agilerl"}


@pytest.mark.parametrize(("name", "extra"), LIBRARIES.items())
def test_a_library_that_is_missing_names_its_extra(name: str, extra: str) -> None:
    if find_spec(name) is not None:
        pytest.skip("it is there")
    with pytest.raises(InputError, match=rf"found 'not installed'; accepted: pip install 'orderup\[{extra}\]'"):
        import_module(f"orderup.integrations.{name}")


def test_what_is_missing_inside_a_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_a_library.py").write_text("import the_other_half\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"^half_a_library: found 'no module the_other_half, which it needs'"):
        needed("half_a_library", "none")


def test_no_library_is_imported_with_the_project() -> None:
    code = "import sys, orderup; print([name for name in ('torch', 'torchrl', 'ray', 'agilerl') if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"

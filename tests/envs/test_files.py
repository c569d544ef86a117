from __future__ import annotations

import os
from pathlib import Path

import pytest

from orderup.envs.errors import InputError
from orderup.envs.files import write_bytes, write_text


def test_text_is_written_as_it_is_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "text.txt"
    write_text(path, "ℓ+1\r\nline\n")
    assert path.read_bytes() == "ℓ+1\r\nline\n".encode()


def test_the_new_replaces_the_old_and_nothing_else_remains(tmp_path: Path) -> None:
    path = tmp_path / "data"
    write_bytes(path, b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_a_full_disk_leaves_the_old_file_and_names_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "data"
    write_bytes(path, b"old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(failing, full)
    with pytest.raises(InputError, match=r"data: found 'No space left on device'"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "data"
    write_bytes(path, b"old")

    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(InputError, match="runs"):
        write_text(tmp_path / "runs" / "x", "text")

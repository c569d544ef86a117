from __future__ import annotations

import os
from pathlib import Path

import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import LOCKING, check_can_be_made, open_plain, read_bytes, user_path, write_bytes, write_text
from orderup.envs.foundation.yaml_files import read_yaml


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


def test_nothing_is_read_or_written_through_a_link(tmp_path: Path) -> None:
    precious, inside = tmp_path / "precious.txt", tmp_path / "inside"
    precious.write_text("mine")
    inside.mkdir()
    (inside / "link").symlink_to(precious)
    with pytest.raises(InputError, match="inside/link: found 'a link'; accepted: a note"):
        read_bytes(inside / "link", 100, "a note")
    with pytest.raises(OSError, match="symbolic links"):
        open_plain(inside / "link", LOCKING)
    write_text(inside / "link", "new")
    assert (precious.read_text(), (inside / "link").read_text(), (inside / "link").is_symlink()) == ("mine", "new", False)
    (tmp_path / "folder").symlink_to(inside)
    for act in (
        lambda: read_bytes(tmp_path / "folder" / "link", 100, "a note"),
        lambda: write_text(tmp_path / "folder" / "x", ""),
    ):
        with pytest.raises(InputError, match="found 'a link'"):
            act()
    assert [path.name for path in inside.iterdir()] == ["link"]


def test_what_is_no_plain_file_is_neither_waited_for_nor_read_without_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("pipe", "zero", "folder"):
        with pytest.raises(InputError, match=rf"{name}.yaml: found '(no plain file|Is a directory)'; accepted: a YAML file"):
            read_yaml(tmp_path / f"{name}.yaml")
    (tmp_path / "long").write_bytes(b"12345")
    assert read_bytes(tmp_path / "long", 5, "a note") == b"12345"
    with pytest.raises(InputError, match="found '5 bytes'; accepted: a file of at most 4 bytes"):
        read_bytes(tmp_path / "long", 4, "a note")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("~nobody_of_this_name/x", r"folder: found '~nobody.*nobody of this name has a home here"),
        ("x" * 300, r"folder: found 'xxx.*File name too long"),
        ("a\0b", "folder: found .*a path without NUL"),
    ],
)
def test_a_path_that_cannot_be_one_is_refused_by_its_key(given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        user_path(given, "folder")


def test_a_home_is_meant_by_its_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_path("~/runs", "folder") == tmp_path / "runs"


def test_a_folder_that_cannot_be_written_is_known_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_can_be_made(tmp_path / "new" / "one", "folder")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="folder: found '.*file/one'; accepted: a folder: .*file is none"):
        check_can_be_made(tmp_path / "file" / "one", "folder")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError, match="a folder that can be written"):
        check_can_be_made(tmp_path / "new" / "one", "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

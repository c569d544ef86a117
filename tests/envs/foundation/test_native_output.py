"""Nothing that a compiled library says gets between the lines that we print."""

from __future__ import annotations

import os

import pytest

from orderup.envs.foundation.native_output import discarded


def test_what_is_written_past_python_is_lost_and_what_python_printed_is_there_in_its_order(
    capfd: pytest.CaptureFixture[str],
) -> None:
    print("before")
    with discarded():
        os.write(1, b"from a library\n")
    print("after")
    assert capfd.readouterr().out == "before\nafter\n"


def test_output_comes_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), discarded():
        raise ZeroDivisionError
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"


def test_a_process_without_output_is_left_alone(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(number: int) -> int:
        raise OSError(9, "Bad file descriptor")

    with monkeypatch.context() as patch:
        patch.setattr(os, "dup", closed)
        with discarded():
            os.write(1, b"here\n")
    assert capfd.readouterr().out == "here\n"

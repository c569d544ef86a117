"""Which part of the past is to learn from, to choose by, and to judge by."""

from __future__ import annotations

from dataclasses import dataclass

from orderup.envs.foundation.errors import InputError

SHARES = {"validation": 0.2, "test": 0.2}
LEAST = 5
"""Periods of a record that can be divided at all."""


@dataclass(frozen=True)
class Spans:
    """The first and the last column of each window in a record."""

    train: tuple[int, int]
    validation: tuple[int, int]
    test: tuple[int, int]


def spans_of(length: int, test: int | None = None, validation: int | None = None) -> Spans:
    """Windows one after the other, the last of them to judge by. Raises InputError where there are too few periods."""
    judged = max(1, round(SHARES["test"] * length)) if test is None else test
    chosen = max(1, round(SHARES["validation"] * length)) if validation is None else validation
    learnt = length - judged - chosen
    if length < LEAST or learnt < 1:
        accepted = f"at least {LEAST} periods, and some that are neither for test nor for validation"
        raise InputError("demand", f"{length} periods, {judged} of them for test and {chosen} for validation", accepted)
    return Spans((0, learnt - 1), (learnt, learnt + chosen - 1), (learnt + chosen, length - 1))

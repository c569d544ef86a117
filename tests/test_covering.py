"""A thinned product still has every scenario, every level, and every kind of key at every level."""

from __future__ import annotations

from collections import Counter

import pytest

from .covering import SOME, cells, kinds_of, part_of, telling
from .every_scenario import SCENARIOS


@pytest.mark.parametrize("levels", [2, 6, 9, 12])
def test_every_kind_of_key_meets_every_level_and_every_scenario_some(levels: int) -> None:
    tried = cells(levels)
    everything = frozenset[str]().union(*map(kinds_of, SCENARIOS))
    for level in range(levels):
        assert frozenset[str]().union(*(kinds_of(name) for name, at in tried if at == level)) == everything
    times = Counter(name for name, _ in tried)
    assert all(times[name] >= min(SOME, levels) for name in SCENARIOS)
    usual = SOME * (len(SCENARIOS) - len(telling())) / levels
    assert all(number >= int(usual) + len(telling()) for number in Counter(level for _, level in tried).values())


def test_a_sixth_and_the_rest_are_all_and_every_value_is_in_the_sixth_of_some_case() -> None:
    values, cases = [f"value {number}" for number in range(34)], [f"key {number}" for number in range(25)]
    tried = {case: part_of(values, case, True) for case in cases}
    assert all(sorted(tried[case] + part_of(values, case, False)) == sorted(values) for case in cases)
    assert {value for some in tried.values() for value in some} == set(values)
    assert 0.11 < sum(map(len, tried.values())) / (len(values) * len(cases)) < 0.22


def test_few_scenarios_have_every_kind_of_key_between_them() -> None:
    assert len(telling()) < len(SCENARIOS) / 4

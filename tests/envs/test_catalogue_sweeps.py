from __future__ import annotations

import math
from typing import Any

import pytest

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import each_autonomy, list_autonomy, load_autonomy
from orderup.envs.foundation.errors import InputError, UnknownName


def test_a_level_can_be_another_with_some_keys_changed() -> None:
    changed, preset = load_autonomy({"type": "hybrid_soe", "band": 0.5, "feed_latency": 3}), load_autonomy("hybrid_soe")
    kept = preset.model_dump(exclude={"name", "band", "feed_latency"})
    assert changed.model_dump(exclude={"name", "band", "feed_latency"}) == kept
    assert (changed.band, changed.feed_latency) == (0.5, 3)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"type": "hybrid_soe", "band": 0.5}, "hybrid_soe[band=0.5]"),
        ({"type": "hybrid_soe", "band": math.inf, "cadence": 2}, "hybrid_soe[band=inf,cadence=2]"),
        ({"type": "autonomous_silo", "purview": {"store_1": None}}, "autonomous_silo[purview=…]"),
        ({"type": "central_stale", "feed_latency": 1, "description": "Yesterday's."}, "central_stale[feed_latency=1]"),
        ({"type": "central_stale", "feed_latency": 1, "name": "yesterday"}, "yesterday"),
        ({"type": "central_stale"}, "central_stale"),
        ({"type": {"type": "central_stale", "feed_noise": 0.0}, "name": "punctual"}, "punctual"),
    ],
)
def test_such_a_level_is_called_after_what_was_changed(given: dict[str, Any], name: str) -> None:
    assert load_autonomy(given).name == name


@pytest.mark.parametrize("name", list_autonomy())
def test_a_level_of_which_nothing_is_changed_is_that_level(name: str) -> None:
    assert load_autonomy({"type": name}) == load_autonomy(name)


def test_a_changed_level_can_be_changed_again() -> None:
    once = load_autonomy({"type": "central_stale", "feed_latency": 1})
    twice = load_autonomy({"type": once.model_dump(), "name": "both", "feed_noise": 0.0})
    assert (twice.feed_latency, twice.feed_noise) == (1, 0.0)


def test_lists_are_swept_and_the_last_key_is_the_fastest() -> None:
    levels = each_autonomy({"type": "hybrid_soe", "feed_latency": [0, 2], "band": [0.5, 1.0, 2.0]})
    assert [(level.feed_latency, level.band) for level in levels] == [(0, 0.5), (0, 1), (0, 2), (2, 0.5), (2, 1), (2, 2)]
    assert len({level.name for level in levels}) == 6


def test_levels_themselves_are_swept_like_any_key() -> None:
    levels = each_autonomy({"type": ["central_ideal", "central_stale"], "cadence": [1, 7]})
    names = [f"{name}[cadence={cadence}]" for name in ("central_ideal", "central_stale") for cadence in (1, 7)]
    assert [level.name for level in levels] == names


def test_a_list_of_levels_stands_for_them_all_in_order() -> None:
    given = ["autonomous_silo", {"type": "central_stale", "feed_latency": (1, 2)}, load_autonomy("federated")]
    names = ["autonomous_silo", "central_stale[feed_latency=1]", "central_stale[feed_latency=2]", "federated"]
    assert [level.name for level in each_autonomy(given)] == names
    assert all(isinstance(level, Autonomy) for level in each_autonomy(given))
    assert each_autonomy([]) == []
    with pytest.raises(
        InputError, match=r"^autonomy: found \['federated', \[\]\]; accepted: at least one autonomy level in each list"
    ):
        each_autonomy(["federated", []])


def test_an_axis_that_means_nothing_at_a_level_is_refused_in_a_sweep_too() -> None:
    with pytest.raises(InputError, match=r"autonomy\.band.*0\.5"):
        each_autonomy({"type": ["hybrid_soe", "autonomous_silo"], "band": [0.5]})


def test_an_unknown_level_or_axis_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="hybrid_soe"):
        load_autonomy({"type": "hybrid", "band": 1.0})
    with pytest.raises(InputError, match="feed_latency"):
        load_autonomy({"type": "central_stale", "feed_latncy": 1})

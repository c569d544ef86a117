"""The design is even, can be made larger, and sets networks aside before anything is played."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.evaluation.atlas.design import Atlas
from orderup.evaluation.atlas.factors import organised

KEYS: dict[str, Any] = {
    "kind": "atlas",
    "name": "small",
    "networks": 40,
    "block": 10,
    "levels": ["central_ideal", "central_stale", "autonomous_silo"],
    "factors": {"sites": [2, 6], "memory": [0, 0.9], "slack": [1.05, 3], "known_ahead": [0, 4], "feed_age": [1, 7]},
    "agent": "base_stock",
    "traces": 6,
    "horizon": 30,
    "warmup": 10,
}


def atlas(**changes: Any) -> Atlas:
    return Atlas.model_validate({**KEYS, **changes})


def test_every_factor_fills_its_range_evenly() -> None:
    points = atlas(networks=256).points()
    counts, _ = np.histogram(points["memory"], bins=8, range=(0, 0.9))
    assert counts.tolist() == pytest.approx([32] * 8, abs=2)
    for name, (least, most) in atlas().factors.items():
        assert points[name].between(least, most).all()
    assert sorted(points["known_ahead"].unique()) == [0, 1, 2, 3, 4]


def test_a_larger_design_keeps_the_networks_of_a_smaller_one() -> None:
    small, large = atlas(networks=40).points(), atlas(networks=130).points()
    assert large.iloc[:40].equals(small)


def test_networks_of_a_block_share_their_organisation_and_nothing_else() -> None:
    points = atlas().points()
    assert (points.groupby("block")["feed_age"].nunique() == 1).all()
    assert (points.groupby("block")["memory"].nunique() == 10).all()


def test_about_a_fifth_is_set_aside_whatever_else_is_in_the_design() -> None:
    points = atlas(networks=1000).points()
    assert points["held_out"].mean() == pytest.approx(0.2, abs=0.04)


def test_a_level_takes_the_organisations_factors_where_it_has_any() -> None:
    values = {"feed_age": 5.0, "feed_noise": 0.2, "cadence": 3.0}
    late, ideal, monthly = (organised(name, values) for name in ("central_stale", "central_ideal", "hybrid_sop"))
    assert (late.feed_latency, late.feed_noise) == (5, 0.2)
    assert (ideal.feed_latency, ideal.name) == (0, "central_ideal")
    assert (monthly.cadence, monthly.feed_latency) == (12, 5)  # four times as rarely, as 28 is to 7


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"factors": {"size": [1, 2]}}, "factors"),
        ({"factors": {"memory": [0.5, 0.1]}}, "factors.memory"),
        ({"factors": {"memory": [0.5, 1.5]}}, "factors.memory"),
        ({"levels": ["central_ideal", "nobody"]}, r"levels\[1\]"),
        ({"horizon": 10}, "horizon"),
        ({"expects": [{"measure": "federated", "factor": "memory", "is": "flat"}]}, r"expects\[0\].measure"),
        ({"expects": [{"measure": "central_stale", "factor": "memory", "is": "up"}]}, "is"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(changes: dict[str, Any], told: str) -> None:
    with pytest.raises((InputError, ValueError), match=told):
        atlas(**changes)

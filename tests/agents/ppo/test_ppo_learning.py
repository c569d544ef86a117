"""PPO with no further key against exact optima: a minute each; `make benchmark-learning` has the others."""

from __future__ import annotations

import pytest

from orderup.agents import make_agent
from orderup.agents.learning.learner import Learner, Task
from orderup.envs.catalogue import load_autonomy, load_scenario

from ..quiet_journal import rehearsed

pytest.importorskip("torch")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "level", "variant", "most"),
    [
        ("newsvendor", "autonomous_silo", "auto", 0.01),
        pytest.param("serial_poisson", "autonomous_shared", "mappo", 0.03, marks=pytest.mark.exhaustive),
        pytest.param("serial_clark_scarf", "central_ideal", "auto", 0.03, marks=pytest.mark.exhaustive),
    ],
)
def test_it_comes_close_to_the_optimum(scenario: str, level: str, variant: str, most: float) -> None:
    task = Task(load_scenario(scenario), load_autonomy(level), seed=0)
    learner = make_agent({"type": "ppo", "variant": variant})
    assert isinstance(learner, Learner)
    learnt, best = rehearsed(learner, task).learnt(), task.bound(2048)
    assert best is not None
    assert task.costs(learnt, 2048).mean() < (1.0 + most) * best.mean()

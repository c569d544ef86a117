from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents.learning.learner import Diverged
from orderup.agents.runs import checkpoint
from orderup.agents.training.train import prepare, resume, train
from orderup.agents.training.tuning import tune

torch = pytest.importorskip("torch")

from orderup.agents.gradients.backpropagation import LEFT_OUT, Optimiser  # noqa: E402 # it needs PyTorch

FEW: dict[str, Any] = {"copies": 16, "steps": 16 * 90 * 4, "examinations": 4, "hidden": [4, 4]}
WILD: list[dict[str, Any]] = [
    {"type": "pathwise", **FEW, "learning_rate": 1e10},
    {"type": "ppo", **FEW, "learning_rate": 100.0},
    {"type": "ppo", **FEW, "learning_rate": 1000.0},
]


@pytest.mark.parametrize("agent", WILD, ids=lambda agent: f"{agent['type']}-{agent['learning_rate']:g}")
def test_a_training_that_diverges_ends_with_the_best_it_had(tmp_path: Path, capsys: Any, agent: dict[str, Any]) -> None:
    run = train("owmr-small", agent=agent, folder=tmp_path, name="wild", progress=False)
    assert run.result is not None
    assert (run.result["stopped_by"], run.result["periods_of_best"]) == ("divergence", 0)
    assert "diverged after" in (said := capsys.readouterr().err)
    assert "is kept" in said
    best = checkpoint.load(run.folder)
    (member,) = best.learnt.parties.values()
    assert all(np.isfinite(values).all() for values in member.tensors.values())  # type: ignore[union-attr] # a network
    start = orderup.evaluate("owmr-small", agents="base_stock", episodes=10).cost
    assert orderup.evaluate("owmr-small", agents=run.agent, episodes=10).cost == pytest.approx(start, rel=0.02)
    assert resume(run.folder, progress=False).result == run.result


def test_a_trial_that_diverges_has_failed_and_the_search_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optuna")
    from orderup.agents.training import tuning

    tried = iter([1e10, 1e-3])
    monkeypatch.setattr(tuning, "_suggested", lambda asked, name, values: next(tried) if name == "learning_rate" else 1.0)
    monkeypatch.setattr(tuning, "space_of", lambda learner: {"learning_rate": [0], "clip": [1.0]})
    prepared = prepare("owmr-small", "autonomous_silo", {"type": "pathwise", **FEW}, 0, "s", tmp_path, False, {}, search=True)
    assert tune(prepared, 2, 16 * 90 * 4).keys["learning_rate"] == 1e-3


def test_gradients_that_stay_no_numbers_end_it() -> None:
    search = Optimiser({"sites/constant": np.ones((1, 1), np.float32)}, 0.1, 2 * LEFT_OUT, 1.0, None)
    for _ in range(LEFT_OUT - 1):
        search.step(search.numbers["sites/constant"].sum() * float("nan"))
    again = Optimiser({"sites/constant": np.ones((1, 1), np.float32)}, 0.1, 2 * LEFT_OUT, 1.0, None)
    again.restore(search.state())
    for its in (search, again):
        with pytest.raises(Diverged, match="in a row"):
            its.step(its.numbers["sites/constant"].sum() * float("nan"))
        assert its.arrays()["sites/constant"].item() == 1.0


def test_numbers_that_explode_end_it() -> None:
    search = Optimiser({"sites/0.weight": np.full((1, 1), 3.4e38, np.float32)}, 1e37, 4, 1.0, None)
    with pytest.raises(Diverged, match="no finite one"):
        search.step(-search.numbers["sites/0.weight"].sum())

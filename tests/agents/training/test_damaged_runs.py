"""What a run cannot be gone on with, and what is said then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents.learning.learner import TrainingState
from orderup.agents.runs import checkpoint
from orderup.agents.training.train import resume
from orderup.envs.foundation.errors import InputError

from .runs_to_resume import DRIFT, PPO, dead, drift, interrupted


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("last.json", "{}", "last.json.periods: found 'nothing'"),
        ("config.yaml", "!!python/object/apply:os.system ['true']", "plain YAML"),
        (
            "metrics.csv",
            "periods\n",
            r"metrics.csv: found '0 lines'; accepted: the \d+ lines that the last checkpoint counts on",
        ),
        ("result.json", "[", "result.json"),
        ("provenance.json", "{", "provenance.json"),
    ],
)
def test_a_damaged_run_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    folder = interrupted(tmp_path, monkeypatch, after=90)
    (folder / name).write_text(text)
    with pytest.raises(InputError, match=said):
        assert resume(folder, progress=False).result


@pytest.mark.parametrize("agent", [DRIFT, "ppo"])
def test_a_state_that_is_not_the_learners_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: str) -> None:
    folder = dead(tmp_path, monkeypatch, 170, **({**PPO, "agent": agent} if agent == "ppo" else {}))
    found = checkpoint.load(folder, "last")
    assert found.state is not None
    for state in (TrainingState(), TrainingState(found.state.tensors, {}), TrainingState({}, found.state.rest)):
        checkpoint.save(folder, "last", replace(found, state=state))
        with pytest.raises(
            InputError, match=r"last.json: found .*Error.*the state of a training by this version of its learner$"
        ):
            resume(folder, progress=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors, rest: next(name for name in tensors if name.endswith("exp_avg")),
        lambda tensors, rest: ("updates", None),
        lambda tensors, rest: ("periods", 1.5),
    ],
    ids=["moments of another shape", "no counter", "half a period"],
)
def test_a_state_that_fails_only_in_the_first_update_is_refused_without_a_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    folder = dead(tmp_path, monkeypatch, 170, **PPO)
    found = checkpoint.load(folder, "last")
    assert found.state is not None
    tensors, rest = dict(found.state.tensors), dict(found.state.rest)
    asked = change(tensors, rest)
    if isinstance(asked, str):
        tensors[asked] = np.zeros(3, np.float32)
    else:
        rest[asked[0]] = asked[1]
    checkpoint.save(folder, "last", replace(found, state=TrainingState(tensors, rest)))
    with pytest.raises(InputError, match=r"last.json: found .*Error.*the state of a training by this version of its learner$"):
        resume(folder, progress=False)


def test_a_folder_that_is_no_run_is_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"resume: found .*nowhere'; accepted: the folder of a run"):
        resume(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"config.yaml: found"):
        resume(tmp_path)


def test_a_device_that_is_not_there_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="agent.device: found 'cuda'; accepted: cpu"):
        drift(tmp_path, device="cuda")
    assert not list(tmp_path.iterdir())

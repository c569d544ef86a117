"""What results say of themselves at a prompt and in a notebook is short, and no name in it is markup."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents.runs.run import Run, Trained
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.evaluation import Comparison
from orderup.evaluation.command import Evaluate

from ..cases import RANDOM, costing

TRACES = 20 + np.array([-1.0, 1.0] * 6)
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def found() -> Comparison:
    return Comparison((costing(TRACES, "central_ideal"), costing(1.2 * TRACES), costing(TRACES + 1, name="b")))


def test_prices_are_a_line_each(found: Comparison) -> None:
    told = repr(found.prices).splitlines()
    assert len(told) == len(found.prices) == 2
    assert told[0].split("  ")[0] == "price of autonomy"
    assert "20.0 % (20.0 to 20.0 %)" in told[0]
    assert repr(found.prices[0]) == (
        "price of autonomy of autonomous_silo / rule against central_ideal / rule: 20.0 % (20.0 to 20.0 %)"
    )
    assert "<td>20.0 % (20.0 to 20.0 %)</td>" in found.prices._repr_html_()
    assert repr(Comparison(found.results[:1]).prices).startswith("no prices")


def test_results_methods_ladders_and_comparisons_are_short(found: Comparison) -> None:
    result = found.results[0]
    assert repr(result) == (
        "Result(central_ideal / rule: cost 20.00 (19.34 to 20.66) per period, 12 traces of random_line, seed 10000)"
    )
    assert repr(found.methods[0]) == "Method(central_ideal / rule: cost 20.00 (19.34 to 20.66) per period)"
    assert repr(found).startswith(f"12 traces of random_line, seed 10000: {found.headline}")
    assert len(repr(found)) < 600
    assert "central_ideal / rule" in repr(found.ladder_best())
    assert len(repr(found.ladder_best())) < 400


def test_no_name_is_markup_in_a_notebook(found: Comparison) -> None:
    evil = replace(found.results[1], name=EVIL)
    shown = Comparison((found.results[0], evil))
    for page in (evil._repr_html_(), shown._repr_html_(), shown.prices._repr_html_()):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_a_run_says_what_it_is(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"type": "ppo", "hidden": [64] * 20}
    run = Run(tmp_path / "mine", load_scenario(RANDOM), load_autonomy("federated"), 7, settings, Trained(run="mine"))
    told = "agent: ppo, scenario: random_line, autonomy: federated, seed: 7, cost per period: not finished"
    assert repr(run) == f"Run({tmp_path / 'mine'}: {told})"
    assert "<th>seed</th><td>7</td>" in run._repr_html_()


def test_on_the_command_line_agents_is_agent() -> None:
    assert validated(Evaluate, {"agents": ["hold"]}).agent == ["hold"]
    with pytest.raises(InputError, match="agent: found 'agents too'"):
        validated(Evaluate, {"agents": ["hold"], "agent": ["hold"]})

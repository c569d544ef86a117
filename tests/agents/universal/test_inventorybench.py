"""Games of a public benchmark, played by hand and as the project plays them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.inventorybench import Group, groups, main, play, submitted
from orderup.agents.simple import Hold
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision

HEADER = "instance,split,period,demand,lead_time,profit,holding"


def written(folder: Path, times: list[str], demand: list[int], group: str = "lead_time_4", profit: float = 4.0) -> Path:
    """A file with one game."""
    name = f"synthetic_trajectory/{group}/p01/r1_med"
    before = [f"{name},train,{period},10,,," for period in range(-5, 0)]
    game = [f"{name},test,{t},{d},{time},{profit},1" for t, (d, time) in enumerate(zip(demand, times, strict=True))]
    path = folder / "games.csv"
    path.write_text("\n".join([HEADER, *before, *game]) + "\n", encoding="utf-8")
    return path


class Tens:
    """Orders ten units in every period."""

    def reset(self, context: Context) -> None:
        pass

    def act(self, information: Information) -> Decision:
        return Decision(quantity=np.full((1, 1, 1), 10.0))


def test_a_game_is_scored_as_its_rules_say(tmp_path: Path) -> None:
    """Ten ordered in each of four periods; what is ordered in the second never arrives, the rest is a period under way.

    On the shelf: 0, 10, 0 + what is left, and so on: demand of 5, 8, 4, 9 is sold as 0, 8, 2, 9, and 0, 2, 0, 1 is left.
    """
    path = written(tmp_path, ["1", "inf", "1", "1"], [5, 8, 4, 9], "lead_time_stochastic")
    (group,) = groups(path)
    played = play(group, Tens())
    sold, left = 0 + 8 + 2 + 9, 0 + 2 + 0 + 1
    assert played.scores[0] == pytest.approx((4 * sold - left) / (4 * 26))
    assert played.orders[0].tolist() == [10, 10, 10, 10]
    submitted(group, played, tmp_path / "orders")
    text = (tmp_path / "orders" / "synthetic_trajectory/lead_time_stochastic/p01/r1_med.csv").read_text(encoding="utf-8")
    assert text == "period,quantity\n0,10\n1,10\n2,10\n3,10\n"


def test_who_orders_nothing_scores_nothing(tmp_path: Path) -> None:
    (group,) = groups(written(tmp_path, ["4"] * 6, [5] * 6))
    assert play(group, Hold()).scores.tolist() == [0.0]


def test_games_side_by_side_are_played_as_each_alone(tmp_path: Path) -> None:
    (one,) = groups(written(tmp_path, ["0"] * 8, [3, 9, 2, 8, 0, 5, 7, 1], "lead_time_0"))
    both = Group(
        one.name,
        [*one.games, "other"],
        np.concatenate([one.known, one.known + 5]),
        np.concatenate([one.demand, one.demand[:, ::-1]]),
        np.concatenate([one.lead_time] * 2),
        np.concatenate([one.profit] * 2),
        np.concatenate([one.holding] * 2),
    )
    from orderup.agents.make import make_agent

    agent = {"type": "universal", "demand": "estimated"}
    assert np.array_equal(play(both, make_agent(agent)).orders[0], play(one, make_agent(agent)).orders[0])


def test_a_file_that_is_no_file_of_games_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=r"data: found"):
        groups(tmp_path / "none.csv")
    path = written(tmp_path, ["4"], [5], "lead_time_weekly")
    with pytest.raises(InputError, match=r"lead times called lead_time_weekly"):
        groups(path)
    assert main([f"data={path}"]) == 2
    assert "lead_time_weekly" in capsys.readouterr().err
    assert main([]) == 2

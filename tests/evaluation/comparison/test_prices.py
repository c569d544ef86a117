from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from orderup.evaluation import Bound, Comparison, Price, compare
from orderup.evaluation.page.writing import as_page
from orderup.evaluation.running.game import Gain, Game
from orderup.evaluation.tables.markdown import as_markdown

from ..cases import RANDOM, costing

TRACES = 20 + np.random.default_rng(0).normal(0, 3, 12)
LATE: dict[str, Any] = {"name": "late", "visibility": "shared", "authority": "central"}


def priced(found: Comparison, kind: str) -> list[Price]:
    return [price for price in found.prices if price.kind == kind]


def only(found: Comparison, kind: str, of: str) -> Price:
    (price,) = [price for price in priced(found, kind) if price.method.label == of]
    return price


def test_the_price_of_autonomy_is_the_cost_over_the_ideal_centres() -> None:
    found = Comparison((costing(1.2 * TRACES), costing(TRACES, "central_ideal")))
    price = only(found, "price of autonomy", "autonomous_silo / rule")
    assert price.against == "central_ideal / rule"
    assert (price.interval.estimate, price.interval.half_width) == pytest.approx((0.2, 0), abs=1e-12)


def test_the_value_of_autonomy_is_what_is_saved_against_the_realistic_centre() -> None:
    stale, ideal = costing(1.25 * TRACES, "central_stale"), costing(TRACES, "central_ideal")
    found = Comparison((ideal, stale, costing(TRACES + 1.0)))
    price = only(found, "value of autonomy", "autonomous_silo / rule")
    assert price.against == "central_stale / rule"
    assert price.interval.estimate == pytest.approx(1 - (TRACES.mean() + 1) / (1.25 * TRACES.mean()))
    assert price.interval.low < price.interval.estimate < price.interval.high


def test_a_centre_has_no_price_of_autonomy() -> None:
    found = Comparison((costing(TRACES, "central_ideal"), costing(1.1 * TRACES, "central_stale")))
    assert found.prices == ()
    assert [rung.relative.estimate for rung in found.ladder_best().rungs] == pytest.approx([0, 0.1])


def test_a_method_that_the_centre_does_not_have_is_compared_with_its_best() -> None:
    centres = costing(TRACES, "central_ideal", "worse"), costing(0.9 * TRACES, "central_ideal", "better")
    found = Comparison((*centres, costing(TRACES, name="local")))
    assert only(found, "price of autonomy", "autonomous_silo / local").against == "central_ideal / better"


def test_the_value_of_information_is_silo_less_shared_for_the_same_method() -> None:
    results = [costing(TRACES + 2), costing(TRACES, "autonomous_shared"), costing(TRACES, "autonomous_shared", "other")]
    (price,) = priced(Comparison(tuple(results)), "value of information")
    assert (price.method.label, price.against) == ("autonomous_silo / rule", "autonomous_shared / rule")
    assert price.interval.estimate == pytest.approx(2)
    assert price.unit == "money/period"


def test_the_price_of_latency_is_against_the_same_level_without_delay() -> None:
    levels = [{**LATE, "name": f"late_{delay}", "feed_latency": delay} for delay in (0, 2)]
    found = compare(RANDOM, [(level, "base_stock") for level in levels], episodes=20)
    (price,) = priced(found, "price of latency")
    prompt, late = found.results
    assert (price.method.label, price.against) == ("late_2 / base_stock", "late_0 / base_stock, as lead times longer by 2")
    assert price.interval.estimate == pytest.approx(late.cost / prompt.cost - 1)


def gaining(share: float) -> Game:
    """The outcome of a game in which one site pays 5, and gains this share of it by leaving."""
    return Game({"store_1": Gain(5.0, 5.0 * share, 0.01, share), "store_2": Gain(7.0, 0.0, 0.0, 0.0)})


def by_reward(game: Game | None) -> Comparison:
    own = [costing(1.1 * TRACES, name=f"own-{seed}", seed=seed, reward="own", game=game) for seed in range(2)]
    team = [costing(TRACES, name=f"team-{seed}", seed=seed, reward="team") for seed in range(2)]
    return Comparison((*own, *team, costing(TRACES, name="other-0", seed=0, reward="team", hidden=[8])))


def test_the_price_of_anarchy_is_own_over_team_reward_else_alike() -> None:
    (price,) = priced(by_reward(gaining(0.004)), "price of anarchy")
    assert (price.method.label, price.against) == ("autonomous_silo / own", "autonomous_silo / team")
    assert price.interval.estimate == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("game", "reason"),
    [
        (None, "chosen by the network's cost"),
        (Game(), "was not measured"),
        (gaining(0.02), "a site gains 2.00% of what it pays by leaving it, more than 1.00%"),
    ],
)
def test_what_selfish_sites_learn_has_no_price_unless_nobody_would_leave_it(game: Game | None, reason: str) -> None:
    found = by_reward(game)
    assert priced(found, "price of anarchy") == []
    (said,) = [warning for warning in found.warnings if "price of anarchy" in warning]
    assert said.startswith("autonomous_silo / own: it learnt for each site's own cost")
    assert reason in said


def test_how_much_a_site_may_gain_is_for_the_user_to_say() -> None:
    assert priced(replace(by_reward(gaining(0.02)), largest_gain=0.03), "price of anarchy")


def test_gains_by_leaving_are_told_beside_the_prices() -> None:
    found = by_reward(gaining(0.004))
    assert [(row.site, row.own_cost, row.share) for row in found.leaving] == [("store_1", 5.0, 0.004), ("store_2", 7.0, 0.0)]
    assert "| autonomous\\_silo / own | store\\_1 | 5.000 | 0.02000 ± 0.01000 | 0.40% |" in as_markdown(found)
    assert "What selfish sites could gain by leaving" in as_page(found, recorded=False)


def test_nothing_is_priced_without_its_partner() -> None:
    assert Comparison((costing(TRACES),)).prices == ()
    assert {price.kind for price in Comparison((costing(TRACES), costing(TRACES, "central_stale"))).prices} == {
        "value of autonomy"
    }


def test_regret_against_a_bound_on_every_trace_is_never_below_zero() -> None:
    bound = Bound("hindsight", TRACES - np.random.default_rng(1).uniform(0, 2, 12), on_every_trace=True)
    found = Comparison((costing(TRACES),), bounds=(bound,))
    (price,) = found.prices
    assert (price.kind, price.against) == ("regret", "hindsight")
    assert price.interval.estimate == pytest.approx(TRACES.sum() / bound.cost.sum() - 1)
    assert price.interval.low >= 0


def test_the_exact_optimum_bounds_the_others_where_it_was_evaluated() -> None:
    found = compare("serial_poisson", [("central_ideal", "clark_scarf"), ("autonomous_silo", "hold")], episodes=5)
    assert found.bound is not None
    assert (found.bound.name, found.bound.on_every_trace) == ("central_ideal / clark_scarf", False)
    (price,) = priced(found, "regret")
    assert price.method.label == "autonomous_silo / hold"
    assert price.interval.low > 1

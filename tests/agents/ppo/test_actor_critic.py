"""Letters: C copies, S seats, D length of an observation, W of the state, A of an action."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from orderup.agents.ppo.actor_critic import Normaliser, SeatsPolicy, Shape  # noqa: E402 # PyTorch may not be there

COPIES, SEATS, SEEN, STATE, ACTION = 5, 3, 4, 7, 2


def policy_of(state: int = 0, groups: tuple[int, ...] = (), **keys: Any) -> SeatsPolicy:
    torch.manual_seed(0)
    shape = Shape(SEATS, SEEN, ACTION, state, groups)
    settings: dict[str, Any] = {"hidden": [6, 5], "activation": "tanh", "initial_std": 0.3, "normalise": False, **keys}
    start = np.zeros((SEATS, ACTION), np.float32)
    policy = SeatsPolicy(shape.observation_space, shape.action_space, lambda _: 1e-3, shape=shape, start=start, **settings)
    with torch.no_grad():
        for parameter in policy.actor.parameters():
            parameter.normal_(0.0, 0.5)
    return policy


def rows_of(policy: SeatsPolicy) -> Any:
    return torch.randn(COPIES, policy.shape.local + policy.shape.state, requires_grad=True)


def means_of(policy: SeatsPolicy, rows: Any) -> Any:
    """What the seats do (C, S, A)."""
    return policy.get_distribution(rows).mode().view(COPIES, SEATS, ACTION)


def slope(value: Any, rows: Any) -> Any:
    return torch.autograd.grad(value.sum(), rows, allow_unused=True)[0]


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("groups", [(), (0, 1, 0), (0, 1, 2)])
def test_an_actor_does_not_depend_on_the_state_nor_a_centralised_critic_on_what_seats_see(
    groups: tuple[int, ...], normalise: bool
) -> None:
    policy = policy_of(STATE, groups, normalise=normalise)
    policy.show(torch.randn(9, SEATS * SEEN + STATE).numpy())
    rows = rows_of(policy)
    acting, evaluating = slope(means_of(policy, rows), rows), slope(policy.predict_values(rows), rows)
    local = SEATS * SEEN
    assert (acting[:, local:] == 0).all()
    assert (evaluating[:, :local] == 0).all()
    assert acting[:, :local].abs().min() > 0
    assert evaluating[:, local:].abs().min() > 0


def test_a_seat_acts_and_is_evaluated_by_its_own_observation_alone_where_there_is_no_state() -> None:
    policy = policy_of(groups=(0, 1, 1))
    rows = rows_of(policy)
    for seat in range(SEATS):
        own = slice(seat * SEEN, (seat + 1) * SEEN)
        for values in (means_of(policy, rows)[:, seat], policy.predict_values(rows)[:, seat]):
            found = slope(values, rows)
            assert found[:, own].abs().min() > 0
            assert (found != 0).sum() == COPIES * SEEN


@pytest.mark.parametrize("groups", [(0, 1, 0), (0, 1, 2)])
def test_seats_of_one_group_have_one_network_and_those_of_others_another(groups: tuple[int, ...]) -> None:
    policy = policy_of(groups=groups)
    rows = torch.randn(COPIES, 1, SEEN).expand(COPIES, SEATS, SEEN).reshape(COPIES, -1)
    means = means_of(policy, rows)
    for one in range(SEATS):
        for other in range(SEATS):
            assert torch.equal(means[:, one], means[:, other]) == (groups[one] == groups[other])


def test_networks_side_by_side_say_what_each_says_by_itself() -> None:
    policy, single = policy_of(groups=(0, 1, 0)), policy_of()
    rows = rows_of(policy)
    for network in (0, 1):
        with torch.no_grad():
            for ours, theirs in zip(single.actor.parameters(), policy.actor.parameters(), strict=True):
                ours.copy_(theirs[network])
        seats = [seat for seat in range(SEATS) if policy.shape.groups[seat] == network]
        torch.testing.assert_close(means_of(single, rows)[:, seats], means_of(policy, rows)[:, seats])


def test_an_actions_probability_is_the_same_when_it_is_drawn_and_when_it_is_learnt_from() -> None:
    for groups in ((), (0, 1, 1)):
        policy = policy_of(STATE, groups)
        rows = rows_of(policy)
        actions, values, chances = policy(rows)
        again, weighed, entropy = policy.evaluate_actions(rows, actions)
        assert actions.shape == (COPIES, SEATS * ACTION)
        assert chances.shape == values.shape == (COPIES, SEATS)
        torch.testing.assert_close(weighed, chances.flatten())
        torch.testing.assert_close(again, values)
        assert entropy is not None
        assert entropy.shape == (COPIES * SEATS,)


def test_every_group_explores_by_its_own_spread() -> None:
    policy = policy_of(groups=(0, 1, 0))
    with torch.no_grad():
        policy.log_std[1] = 3.0
    drawn = policy(torch.zeros(1, SEATS * SEEN).expand(COPIES, -1))[0].view(COPIES, SEATS, ACTION)
    assert (drawn[:, 1].std() > 5 * drawn[:, [0, 2]].std()).item()


def test_a_normaliser_knows_the_moments_of_all_it_was_shown_and_leaves_what_never_moves() -> None:
    values = torch.randn(60, 3) * torch.tensor([5.0, 0.1, 0.0]) + torch.tensor([100.0, 0.0, 7.0])
    normaliser = Normaliser(3)
    assert torch.equal(normaliser(values), values)
    for part in values.split([10, 30, 20]):
        normaliser.show(part)
    found = normaliser(values)
    torch.testing.assert_close(found.mean(0), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.std(0, correction=0), torch.tensor([1.0, 1.0, 0.0]), atol=1e-4, rtol=0)

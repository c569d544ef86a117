"""Letters: T periods, C copies, S seats, D length of an observation, W of the state, A of an action."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from orderup.agents.ppo.actor_critic import SeatsPolicy, Segment  # noqa: E402 # PyTorch may not be there
from orderup.agents.ppo.normaliser import Normaliser  # noqa: E402 # as above
from orderup.agents.ppo.party_networks import Build, PartyNetworks  # noqa: E402 # as above
from orderup.agents.ppo.shape import PartyShape, Shape  # noqa: E402 # as above

COPIES, SEATS, SEEN, STATE, ACTION = 5, 3, 4, 7, 2


def policy_of(state: int = 0, groups: tuple[int, ...] = (), planner: bool = False, **keys: Any) -> SeatsPolicy:
    torch.manual_seed(0)
    parties: dict[Any, PartyShape] = {"sites": PartyShape(SEATS, SEEN, ACTION, groups)}
    if planner:
        parties["planner"] = PartyShape(1, 9, 5)
    shape = Shape(parties, state)
    build = Build(**{"hidden": [6, 5], "activation": "tanh", "initial_std": 0.3, "normalise": False, **keys})
    start = {party: np.zeros((each.seats, each.action), np.float32) for party, each in parties.items()}
    policy = SeatsPolicy(shape.observation_space, shape.action_space, lambda _: 1e-3, shape=shape, build=build, start=start)
    with torch.no_grad():
        for party in parties:
            for parameter in policy.networks(party).actor.parameters():
                parameter.normal_(0.0, 0.5)
    policy.reset_memories(COPIES)
    return policy


def sites_of(policy: SeatsPolicy) -> PartyNetworks:
    return policy.networks("sites")


def rows_of(policy: SeatsPolicy, *before: int) -> Any:
    """Of periods in which every decision counts."""
    rows = torch.randn(*before, COPIES, sum(policy.shape.parts))
    rows[..., -len(policy.shape.parties) :] = 1.0
    return rows.requires_grad_()


def means_of(policy: SeatsPolicy, rows: Any) -> Any:
    """What the seats do (C, S, A)."""
    return policy.get_distribution(rows).mode()[:, : SEATS * ACTION].view(COPIES, SEATS, ACTION)


def slope(value: Any, rows: Any) -> Any:
    return torch.autograd.grad(value.sum(), rows, allow_unused=True)[0]


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("groups", [(), (0, 1, 0), (0, 1, 2)])
def test_an_actor_does_not_depend_on_the_state_nor_a_centralised_critic_on_what_seats_see(
    groups: tuple[int, ...], normalise: bool
) -> None:
    policy = policy_of(STATE, groups, normalise=normalise)
    policy.show(torch.randn(9, SEATS * SEEN + STATE + 1).numpy())
    rows = rows_of(policy)
    acting, evaluating = slope(means_of(policy, rows), rows), slope(policy.predict_values(rows), rows)
    local = SEATS * SEEN
    assert (acting[:, local:] == 0).all()
    assert (evaluating[:, :local] == 0).all()
    assert acting[:, :local].abs().min() > 0
    assert evaluating[:, local:-1].abs().min() > 0


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
    seen = torch.randn(COPIES, 1, SEEN).expand(COPIES, SEATS, SEEN).reshape(COPIES, -1)
    means = means_of(policy, torch.cat([seen, torch.ones(COPIES, 1)], dim=1))
    for one in range(SEATS):
        for other in range(SEATS):
            assert torch.equal(means[:, one], means[:, other]) == (groups[one] == groups[other])


def test_networks_side_by_side_say_what_each_says_by_itself() -> None:
    policy, single = policy_of(groups=(0, 1, 0)), policy_of()
    rows = rows_of(policy)
    for network in (0, 1):
        with torch.no_grad():
            for ours, theirs in zip(sites_of(single).actor.parameters(), sites_of(policy).actor.parameters(), strict=True):
                ours.copy_(theirs[network])
        seats = [seat for seat in range(SEATS) if sites_of(policy).shape.groups[seat] == network]
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
        torch.testing.assert_close(again, values.flatten())
        assert entropy is not None
        assert entropy.shape == (COPIES * SEATS,)


def test_what_is_decided_when_it_does_not_count_is_certain_and_teaches_nothing() -> None:
    policy = policy_of(planner=True)
    rows = rows_of(policy).detach()
    rows[:, -1] = 0.0
    actions, _, chances = policy(rows)
    assert (chances[:, -1] == 0).all()
    _, again, _ = policy.evaluate_actions(rows, actions)
    again.sum().backward()  # type: ignore[no-untyped-call] # PyTorch leaves it without types
    learnt = {party: [each.grad for each in policy.networks(party).actor.parameters()] for party in policy.shape.parties}
    assert all(grad is not None and grad.any() for grad in learnt["sites"])
    assert not any(grad is None or grad.any() for grad in learnt["planner"])


@pytest.mark.parametrize("groups", [(), (0, 1, 0), (0, 1, 2)])
@pytest.mark.parametrize("state", [0, STATE])
def test_a_segment_says_of_every_period_what_was_said_when_it_was_played(groups: tuple[int, ...], state: int) -> None:
    policy, periods = policy_of(state, groups, planner=True, memory=3), 6
    rows = rows_of(policy, periods).detach()
    rows[[1, 2, 4], :, -1] = 0.0  # the planner's idle periods
    starts = torch.tensor([False, False, False, True, False, False])
    policy(rows_of(policy).detach())
    before, played = dict(policy.memories), []
    for now, begun in zip(rows, starts, strict=True):
        if begun:
            policy.reset_memories(COPIES)
        played.append(policy(now))
    actions, values, chances = (torch.cat(each) for each in zip(*played, strict=True))
    found = policy.evaluate_actions(Segment(rows, starts, before), actions)
    torch.testing.assert_close(found[0], values.flatten())
    torch.testing.assert_close(found[1], chances.flatten())


def test_a_planner_remembers_nothing_of_periods_in_which_he_does_not_decide() -> None:
    policy = policy_of(planner=True, memory=3)
    before = {party: both[0].clone() for party, both in policy.memories.items()}
    rows = rows_of(policy).detach()
    rows[:, -1] = 0.0
    policy(rows)
    assert torch.equal(policy.memories["planner"][0], before["planner"])
    assert not torch.equal(policy.memories["planner"][1], before["planner"]), "his critic reads on"
    assert not torch.equal(policy.memories["sites"][0], before["sites"])


def test_every_group_explores_by_its_own_spread() -> None:
    policy = policy_of(groups=(0, 1, 0))
    with torch.no_grad():
        sites_of(policy).log_std[1] = 3.0
    drawn = policy(torch.zeros(1, SEATS * SEEN + 1).expand(COPIES, -1))[0].view(COPIES, SEATS, ACTION)
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

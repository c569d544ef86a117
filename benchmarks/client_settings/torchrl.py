"""Policy gradients with a baseline, on TorchRL's roll-outs."""

from typing import Any

import torch
from tensordict.nn import TensorDictModule, TensorDictSequential

from orderup.integrations.torchrl import TorchRLNetwork

torch.set_num_threads(1)
__all__ = ["TorchRLNetwork", "reinforce"]
SPREAD, PERIODS = 0.3, 20


def reinforce(env: Any) -> None:
    """Learn for every group by the rewards of the next periods, less their mean over copies."""
    torch.manual_seed(0)
    means = {group: _mean(env, group) for group in env.group_map}
    adam = torch.optim.Adam([each for mean in means.values() for each in mean.parameters()], lr=1e-3)
    modules = [
        TensorDictModule(_Spread(mean), in_keys=[(group, "observation")], out_keys=[(group, "action")])
        for group, mean in means.items()
    ]
    told = env.reset()
    while True:
        with torch.no_grad():
            played = env.rollout(PERIODS, TensorDictSequential(*modules), auto_reset=False, tensordict=told)
        loss = sum(_loss(played, group, mean) for group, mean in means.items())
        adam.zero_grad()
        loss.backward()
        adam.step()
        ended = bool(played["next", "done"][:, -1].all())
        told = env.reset() if ended else played["next"][:, -1].exclude(*[(group, "reward") for group in means])


class _Spread(torch.nn.Module):
    """Actions spread about their means."""

    def __init__(self, mean: torch.nn.Module) -> None:
        super().__init__()
        self.mean = mean

    def forward(self, seen: Any) -> Any:
        found = self.mean(seen)
        return found + SPREAD * torch.randn_like(found)


def _mean(env: Any, group: str) -> torch.nn.Sequential:
    seen, set_ = env.observation_spec[group, "observation"].shape[-1], env.action_spec[group, "action"].shape[-1]
    last = torch.nn.Linear(64, set_)
    torch.nn.init.normal_(last.weight, std=0.01)
    return torch.nn.Sequential(torch.nn.Linear(seen, 64), torch.nn.Tanh(), last)


def _loss(played: Any, group: str, mean: torch.nn.Module) -> Any:
    paid = played["next", group, "reward"][..., 0]
    worth, gains = torch.zeros_like(paid[:, 0]), []
    for period in reversed(range(paid.shape[1])):
        worth = paid[:, period] + 0.9 * worth
        gains.append(worth)
    gain = torch.stack(gains[::-1], dim=1)
    gain = (gain - gain.mean(dim=0)) / (gain.std() + 1e-6)
    away = (played[group, "action"] - mean(played[group, "observation"])) / SPREAD
    return (away.pow(2).sum(-1) / 2 * gain).mean()

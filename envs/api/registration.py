"""Make every scenario known to PettingZoo and Gymnasium as `orderup/<name>-v0`."""

from __future__ import annotations

import gymnasium
import pettingzoo

from ..foundation.shipped_configs import list_scenarios


def register_environments() -> None:
    """Register all scenarios that come with the project; done when `orderup` is imported, which reads none of them."""
    for name in list_scenarios():
        pettingzoo.register("parallel", f"orderup/{name}-v0", "orderup.face:parallel_env", kwargs={"scenario": name})
        gymnasium.register(f"orderup/{name}-v0", "orderup.face:central_env", kwargs={"scenario": name})

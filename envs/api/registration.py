"""Make every scenario known to PettingZoo and Gymnasium as `orderup/<name>-v0`."""

from __future__ import annotations

import gymnasium
import pettingzoo

from ..foundation.shipped_configs import list_scenarios


def register_environments() -> None:
    """Register all scenarios that come with the project; done when `orderup` is imported, which reads none of them.

    PettingZoo has had a registry since 1.27; with older ones, environments are made by `orderup` alone.
    """
    known = getattr(pettingzoo, "register", None)
    for name in list_scenarios():
        keys, kwargs = f"orderup/{name}-v0", {"scenario": name}
        if known is not None:
            known("parallel", keys, "orderup.face:parallel_env", kwargs=kwargs)
            known("aec", keys, "orderup.face:aec_env", kwargs=kwargs)
        gymnasium.register(
            keys, "orderup.face:central_env", vector_entry_point="orderup.face:central_vector_env", kwargs=kwargs
        )

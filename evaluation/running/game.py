"""What a training in which each site learnt for itself says of its outcome, as its run has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Gain:
    """What one site pays, and what it gains by a best response of its own, the others as they learnt [money/period]."""

    own_cost: float
    gain: float
    half_width: float
    """Of the gain's 95 % interval, paired over held-out episodes."""
    share: float
    """Of the gain, if any, in what the site pays."""


@dataclass(frozen=True)
class Game:
    """The outcome of such a training, by site."""

    gains: Mapping[str, Gain] | None = None
    """None where nobody looked for best responses."""

    @property
    def largest_share(self) -> float | None:
        """The largest gain as a share of what its site pays; None where nobody looked."""
        return None if self.gains is None else max(gain.share for gain in self.gains.values())

    @classmethod
    def of(cls, result: Mapping[str, Any] | None) -> Game | None:
        """From what came of a run; None where sites did not learn for themselves, or it was chosen by the network's cost."""
        if result is None or result.get("chosen_by") != "own":
            return None
        found = result.get("deviation")
        if not isinstance(found, Mapping):
            return cls()
        paid = result["own_cost"]
        return cls({site: _gain(paid[site], told) for site, told in found["sites"].items()})


def _gain(paid: Mapping[str, float], told: Mapping[str, Any]) -> Gain:
    return Gain(paid["mean"], told["gain"]["mean"], told["gain"]["half_width"], told["share"])

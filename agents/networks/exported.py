"""A policy that another library has trained, as a run keeps it: what it does as plain data, and its numbers.

Letters: B batch, S seats, D length of an observation, A numbers of an action, k choices of each.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision

from ..seat_format import SeatFormat
from .network_policy import observation_layout
from .own_network import OwnNetwork, own_networks
from .tensor_program import Player, check_program


@own_networks.register("exported")
class ExportedPolicy(OwnNetwork):
    """All seats of one party, by what their environments show them; `program` is from observations (S, D) to answers (S, A)."""

    library: str = Field(description="Whose policy it was")
    observation: list[str] = Field(min_length=1, description="What each number that a seat sees is")
    seats: int = Field(ge=1, description="S")
    length: int = Field(ge=1, description="D, zeros behind included where planner and sites share a policy")
    actions: Any = Field("level", description="What the answers mean, as in parallel_env(actions=…)")
    bounds: float | None = Field(None, gt=0, description="What observations are clipped to")
    masked: bool = Field(False, description="Whether it reads the masks of choices too (S, A·k)")
    program: list[dict[str, Any]] = Field(description="The operations, as orderup.agents.networks.tensor_program has them")
    numbers: dict[str, list[int]] = Field({}, description="Names and shapes of its tensors")
    _player: Player | None = PrivateAttr(None)
    _format: SeatFormat = PrivateAttr()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(shape) for name, shape in self.numbers.items()}

    def with_tensors(self, tensors: Any) -> Self:
        """As for any network. Raises InputError for a program that does something else than working out numbers, too."""
        check_program(self.program, 2 if self.masked else 1, self.numbers)
        made = super().with_tensors(tensors)
        made._player = None
        return made

    def reset(self, context: Context) -> None:
        """Raises InputError where seats see or set other numbers than in training."""
        self._format = SeatFormat(context, context.seats, self.actions, self.bounds, self.length)
        here = f"{context.network.scenario.name} at {context.autonomy.name}"
        seen = observation_layout(self._format.observer)
        if (seen, len(context.seats), self._format.length) != (self.observation, self.seats, self.length):
            found = f"a policy for {self.seats} seats that see {len(self.observation)} numbers"
            raise InputError("agent", found, f"one for {len(context.seats)} that see {len(seen)}, the same ones, as in {here}")
        self._player = self._player or Player(self.program, self.tensors)

    def act(self, information: Information) -> Decision:
        assert self._player is not None  # reset comes first
        form = self._format
        seen, masks = form.seen(information), form.masks(information)
        inputs = [seen] if not self.masked or masks is None else [seen, masks.astype(bool)]
        said = self._player(*inputs)
        return form.decision(form.checked(np.asarray(said), self.library, self.seats))

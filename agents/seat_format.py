"""What a policy from elsewhere sees and says, as the environments have it: for whoever acts on information without them.

Letters: B batch, S seats, D length of an observation, A numbers of an action, k choices of each.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orderup.envs.authority.actions import ActionMap
from orderup.envs.authority.choices import ActionsLike, Choices, DiscreteActions, actions_of, form_of
from orderup.envs.authority.masks import ChoiceMasks
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.autonomy.purview import purview
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.observation import Compiled, Observer
from orderup.envs.information.policy import Context, Decision
from orderup.envs.numerics.arrays import in_numpy

Numbers: TypeAlias = NDArray[np.float32]


class SeatFormat:
    """The observations of some seats of a context, what their numbers or choices mean, and masks of these.

    `length` is D where a policy reads more numbers than there are here, the rest being 0, and `width` A where it says more.
    """

    def __init__(
        self,
        context: Context,
        seats: tuple[str, ...],
        actions: ActionsLike = "level",
        bounds: float | None = None,
        length: int | None = None,
    ) -> None:
        self.context, self.seats, self.bounds = context, seats, bounds
        self.observer = Observer(context.network, context.autonomy, seats)
        self.length = max(length or 0, self.observer.length)
        form = actions_of(actions)
        planner = context.seats == (PLANNER,)
        self.map = ActionMap(context.network, seats, form_of(form), None if planner else context.autonomy.band)
        self.choices = Choices(form, self.map, context.network, context.autonomy) if isinstance(form, DiscreteActions) else None
        self._masks: ChoiceMasks | None = None
        if self.choices is not None:
            topology = context.network.topology
            within = np.ones_like(purview(context.autonomy, topology)) if planner else purview(context.autonomy, topology)
            self._masks = ChoiceMasks(self.choices, context.network, within, context.autonomy)
        self._compiled: Compiled | None = None

    def seen(self, information: Information) -> Numbers:
        """What the seats see (B, S, D), in single precision."""
        if self._compiled is None:
            self._compiled = information.compiled(self.observer, self.context.backend)
        found = in_numpy(information.observations(self._compiled)).astype(np.float32, order="C")
        if self.bounds is not None:
            found = found.clip(-self.bounds, self.bounds)
        missing = self.length - found.shape[-1]
        return np.pad(found, ((0, 0), (0, 0), (0, missing))) if missing else found

    def masks(self, information: Information) -> NDArray[np.int8] | None:
        """1 for each choice worth making (B, S, A·k); None where numbers are not chosen."""
        if self._masks is None:
            return None
        active = np.ones((self.context.batch, len(self.seats)), dtype=bool)
        found: NDArray[np.int8] = information.choices(self._masks, active)
        return found.reshape((*active.shape, -1))

    def checked(self, said: Any, who: str, seats: int) -> NDArray[Any]:
        """A policy's answers for so many seats (B, s, A). Raises InputError for what no environment would take."""
        kind = f"{self.map.size} whole numbers from 0 to {self.choices.k - 1}" if self.choices else f"{self.map.size} numbers"
        wanted = f"{kind}{'' if self.choices else ' from −1 to 1'} for each seat and episode"
        try:
            found = np.asarray(said, dtype=np.float32 if self.choices is None else None)
        except (ValueError, TypeError):
            raise InputError("action", f"{who}: no numbers", wanted) from None
        rows = self.context.batch * seats
        width = found.size // rows if rows and found.size % rows == 0 else 0
        fits = width == self.map.size or (width > self.map.size and width == self._uniform)
        if not fits or (found.ndim > 1 and width > 1 and found.shape[-1] != width):
            raise InputError("action", f"{who}: {found.size} numbers, {found.shape[-1:]} for a seat", wanted)
        found = found.reshape((self.context.batch, seats, width))[..., : self.map.size]
        return self._choices(found, who, wanted) if self.choices else self._numbers(found, who, wanted)

    @property
    def _uniform(self) -> int:
        """Numbers of each action where planner and sites have one shape, as in parallel_env(uniform=True)."""
        network = self.context.network
        parties = [network.sites, *([(PLANNER,)] if self.context.autonomy.has_planner else [])]
        return max(ActionMap(network, seats, self.map.form).size for seats in parties)

    def decision(self, said: NDArray[Any]) -> Decision:
        """What the answers of all seats (B, S, A) mean."""
        backend = self.context.backend
        numbers = said if self.choices is None else self.choices(said.astype(np.int64)).astype(backend.dtype)
        return self.map(numbers if backend.name == "numpy" else backend.asarray(numbers), backend)

    def _numbers(self, found: NDArray[Any], who: str, wanted: str) -> NDArray[Any]:
        if np.isnan(found).any():
            raise InputError("action", f"{who}: nan", wanted)
        return found.clip(-1.0, 1.0)

    def _choices(self, found: NDArray[Any], who: str, wanted: str) -> NDArray[Any]:
        assert self.choices is not None
        whole = found.astype(np.int64)
        if not np.array_equal(whole, found) or ((whole < 0) | (whole >= self.choices.k)).any():
            raise InputError("action", f"{who}: {found.ravel()[0]}", wanted)
        return whole
